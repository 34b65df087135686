import type { ServerResponse } from 'node:http';
import { textOf } from '../../src/demo/http-answer.ts';
import { listenOnLoopback } from '../../src/demo/servers.ts';

/** A span as OTLP/JSON carries it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code?: number };
  readonly resource: Readonly<Record<string, unknown>>;
}

/** A log record as OTLP/JSON carries it. */
export interface ReceivedLog {
  readonly body: unknown;
  readonly severityNumber?: number;
  readonly eventName?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly timeUnixNano: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** One data point of a metric as OTLP/JSON carries it. */
export interface ReceivedPoint {
  readonly asDouble?: number;
  readonly asInt?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A metric as OTLP/JSON carries it. */
export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  readonly points: readonly ReceivedPoint[];
  readonly resource: Readonly<Record<string, unknown>>;
}

/** What a receiver has taken so far. */
export interface Received {
  readonly spans: readonly ReceivedSpan[];
  readonly logs: readonly ReceivedLog[];
  readonly metrics: readonly ReceivedMetric[];
  /** Requests that came in, refused and held ones too. */
  readonly requests: number;
  /** Every body as it came, for a search through everything. */
  readonly raw: readonly string[];
}

/** How a receiver answers: takes everything, refuses with a status, or keeps callers waiting until it behaves otherwise. */
export type Behaviour = 'ok' | 'hold' | number;

/** An OTLP/HTTP receiver for JSON in the process of the test. */
export interface OtlpReceiver extends Received {
  /** The base URL, as telemetry.otlp.endpoint takes it. */
  readonly endpoint: string;
  behave(behaviour: Behaviour): void;
  /** What the predicate finds, as soon as it finds something; rejects after ten seconds without. */
  until<T>(predicate: (received: Received) => T | undefined | false): Promise<T>;
  stop(): Promise<void>;
}

interface Pending {
  readonly look: () => boolean;
}

/** Starts a receiver on a free port of 127.0.0.1. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const store: Store = { spans: [], logs: [], metrics: [], requests: 0, raw: [] };
  const pending = new Set<Pending>();
  const held = new Set<() => void>();
  let behaviour: Behaviour = 'ok';
  const tell = (): void => {
    for (const waiter of pending) if (waiter.look()) pending.delete(waiter);
  };

  const answer = (path: string, body: string, response: ServerResponse): void => {
    if (behaviour === 'hold') {
      held.add(() => answer(path, body, response));
    } else if (behaviour === 'ok') {
      take(path, body, store);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    } else {
      response.writeHead(behaviour).end();
    }
  };
  const server = await listenOnLoopback(0, async (request, response) => {
    const body = await textOf(request);
    store.requests += 1;
    store.raw.push(body);
    answer(request.url ?? '', body, response);
    tell();
  });
  return Object.assign(store, {
    endpoint: `http://127.0.0.1:${server.port}`,
    behave: (next: Behaviour) => {
      behaviour = next;
      const waiting = [...held];
      held.clear();
      for (const retry of waiting) retry();
      tell();
    },
    until: <T>(predicate: (received: Received) => T | undefined | false) => waitFor(predicate, store, pending),
    stop: server.close,
  });
}

const patienceMs = 10_000;

function waitFor<T>(
  predicate: (received: Received) => T | undefined | false,
  store: Store,
  pending: Set<Pending>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const seen = (): string =>
      `${store.spans.length} spans, ${store.logs.length} logs, ${store.metrics.length} metrics`;
    const timer = setTimeout(() => reject(new Error(`never received; seen: ${seen()}`)), patienceMs);
    const look = (): boolean => {
      const found = predicate(store);
      if (found === undefined || found === false) return false;
      clearTimeout(timer);
      resolve(found);
      return true;
    };
    if (!look()) pending.add({ look });
  });
}

interface Store extends Received {
  readonly spans: ReceivedSpan[];
  readonly logs: ReceivedLog[];
  readonly metrics: ReceivedMetric[];
  requests: number;
  readonly raw: string[];
}

interface OtlpValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] };
}
interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}
type Attributed<T> = Omit<T, 'attributes' | 'resource' | 'body' | 'points' | 'kind'> & {
  readonly attributes?: readonly OtlpAttribute[];
  readonly body?: OtlpValue;
};
interface OtlpMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly dataPoints: readonly Attributed<ReceivedPoint>[] };
  readonly gauge?: { readonly dataPoints: readonly Attributed<ReceivedPoint>[] };
  readonly histogram?: { readonly dataPoints: readonly Attributed<ReceivedPoint>[] };
}
interface Resource {
  readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
}
/** The part of the three export requests that is looked at (opentelemetry.proto.collector). */
interface ExportRequest {
  readonly resourceSpans?: readonly (Resource & {
    readonly scopeSpans: readonly {
      readonly spans: readonly (Attributed<ReceivedSpan> & { readonly kind: number })[];
    }[];
  })[];
  readonly resourceLogs?: readonly (Resource & {
    readonly scopeLogs: readonly { readonly logRecords: readonly Attributed<ReceivedLog>[] }[];
  })[];
  readonly resourceMetrics?: readonly (Resource & {
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  })[];
}

const readValue = (value: OtlpValue | undefined): unknown =>
  value?.arrayValue === undefined
    ? (value?.stringValue ?? value?.boolValue ?? value?.intValue ?? value?.doubleValue)
    : (value.arrayValue.values ?? []).map(readValue);
const recordOf = (attributes: readonly OtlpAttribute[] = []): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]));

function take(path: string, body: string, store: Store): void {
  const request = JSON.parse(body) as ExportRequest; // What the exporters under test send; a wrong shape fails the test.
  if (!['/v1/traces', '/v1/logs', '/v1/metrics'].includes(path)) throw new Error(`no such path: ${path}`);
  for (const { resource, scopeSpans } of request.resourceSpans ?? []) {
    const owner = recordOf(resource?.attributes);
    const spans = scopeSpans.flatMap((scope) => scope.spans);
    store.spans.push(...spans.map((span) => ({ ...span, attributes: recordOf(span.attributes), resource: owner })));
  }
  for (const { resource, scopeLogs } of request.resourceLogs ?? []) {
    const owner = recordOf(resource?.attributes);
    const records = scopeLogs.flatMap((scope) => scope.logRecords);
    store.logs.push(
      ...records.map((log) => ({
        ...log,
        attributes: recordOf(log.attributes),
        body: readValue(log.body),
        resource: owner,
      })),
    );
  }
  for (const { resource, scopeMetrics } of request.resourceMetrics ?? []) {
    const owner = recordOf(resource?.attributes);
    const found = scopeMetrics.flatMap((scope) => scope.metrics);
    store.metrics.push(...found.map((metric) => ({ ...metricOf(metric), resource: owner })));
  }
}

function metricOf({ name, unit, sum, gauge, histogram }: OtlpMetric): Omit<ReceivedMetric, 'resource'> {
  const kind = sum === undefined ? (gauge === undefined ? 'histogram' : 'gauge') : 'sum';
  const { dataPoints = [] } = sum ?? gauge ?? histogram ?? {};
  return { name, unit, kind, points: dataPoints.map((p) => ({ ...p, attributes: recordOf(p.attributes) })) };
}
