import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOrphanGuard } from '../../src/demo/guard.ts';
import { startChild } from '../../src/envoy/child.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { freePorts } from './ports.ts';
import { getPage } from './sidecar.ts';

const run = promisify(execFile);
const sources = join(import.meta.dirname, 'collector');
const cache = join(import.meta.dirname, '..', '..', '.cache', 'collector');

/** Attributes as OTLP/JSON writes them: a list of keys with one value each; 64-bit integers are texts. */
export type Attributes = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];

/** What of a span is looked at; ids in hexadecimal. */
export interface JudgedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes?: Attributes;
  readonly status?: { readonly code?: number };
}

/** What of a log record is looked at. */
export interface JudgedLog {
  readonly eventName?: string;
  readonly severityText?: string;
  readonly body?: { readonly stringValue?: string };
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: Attributes;
}

/** A data point, of a sum, a gauge or a histogram; times are nanoseconds, written as texts like all 64-bit integers. */
interface Point {
  readonly attributes?: Attributes;
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly bucketCounts?: readonly string[];
  readonly explicitBounds?: readonly number[];
}

interface Points {
  readonly dataPoints: readonly Point[];
  /** 1: delta, 2: cumulative. */
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}

/** A metric: one of sum, gauge and histogram is there. */
export interface JudgedMetric {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
  readonly sum?: Points;
  readonly gauge?: Points;
  readonly histogram?: Points;
}

/** Something that was taken, with who sent it. */
export type Sent<T> = T & { readonly resource: Readonly<Record<string, unknown>>; readonly scope: string };

/** Everything that was taken so far. */
export interface Taken {
  readonly spans: readonly Sent<JudgedSpan>[];
  readonly logs: readonly Sent<JudgedLog>[];
  readonly metrics: readonly Sent<JudgedMetric>[];
  /** All of it as it was written. */
  readonly text: string;
}

/** The OpenTelemetry Collector in a process of its own. */
export interface Collector {
  /** The base URL of its OTLP/HTTP receiver. */
  readonly endpoint: string;
  /** The port of its OTLP/gRPC receiver. */
  readonly grpcPort: number;
  taken(): Promise<Taken>;
  /** The sum of its own counters whose names match. */
  counted(name: RegExp): Promise<number>;
  /** What it said of itself; warnings and errors stand here. */
  output(): string;
  stop(): Promise<void>;
}

/** Path of the collector; built the first time from modules that are pinned, which takes minutes, and again when its sources change. */
export async function collectorBinary(): Promise<string> {
  const digest = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) digest.update(await readFile(join(sources, name)));
  const home = join(cache, digest.digest('hex').slice(0, 16));
  const path = join(home, 'collector');
  if (existsSync(path)) return path;
  console.error('building the OpenTelemetry Collector by go build, once …');
  await mkdir(cache, { recursive: true });
  // Whoever builds at the same time has a folder of its own; the first to finish gives it its name.
  const fresh = await mkdtemp(join(cache, 'new-'));
  try {
    const out = join(fresh, 'collector');
    await run('go', ['build', '-mod=readonly', '-buildvcs=false', '-o', out, '.'], {
      cwd: sources,
      env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
      timeout: 900_000,
    });
    await rename(fresh, home).catch((error: unknown) => {
      if (!existsSync(path)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return path;
}

/** Starts the collector on free ports of 127.0.0.1; resolves when it takes data. */
export async function startCollector(): Promise<Collector> {
  const command = await collectorBinary();
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-collector-'));
  const file = join(folder, 'taken.json');
  const [grpcPort = 0, httpPort = 0, ownPort = 0] = await freePorts(3);
  const config = `yaml:${JSON.stringify(configOf({ grpcPort, httpPort, ownPort, file }))}`;
  const child = await startChild({ name: 'The collector', command, args: ['--config', config] });
  const guard = startOrphanGuard();
  guard.watch(child.pid);
  const stop = async (): Promise<void> => {
    await child.stop();
    guard.dismiss();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const holds = async (): Promise<boolean> => child.output().includes('Everything is ready');
    await waitFor({ what: 'the collector is ready', holds, child });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint: `http://127.0.0.1:${httpPort}`,
    grpcPort,
    taken: async () => readTaken(await readFile(file, 'utf8').catch(() => '')),
    counted: async (name) => sumOf((await getPage(`http://127.0.0.1:${ownPort}/metrics`)).body, name),
    output: child.output,
    stop,
  };
}

interface Places {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly ownPort: number;
  readonly file: string;
}

const configOf = ({ grpcPort, httpPort, ownPort, file }: Places): object => {
  const pipeline = { receivers: ['otlp'], exporters: ['file'] };
  const protocols = {
    grpc: { endpoint: `127.0.0.1:${grpcPort}` },
    http: { endpoint: `127.0.0.1:${httpPort}` },
  };
  const reader = { pull: { exporter: { prometheus: { host: '127.0.0.1', port: ownPort } } } };
  return {
    receivers: { otlp: { protocols } },
    exporters: { file: { path: file, flush_interval: '100ms' } },
    service: {
      telemetry: { metrics: { level: 'normal', readers: [reader] } },
      pipelines: { traces: pipeline, metrics: pipeline, logs: pipeline },
    },
  };
};

const sumOf = (text: string, name: RegExp): number =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('#') && name.test(line.split(/[{ ]/)[0] ?? ''))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

interface Batch {
  readonly resource?: { readonly attributes?: Attributes };
}
interface Scoped {
  readonly scope?: { readonly name?: string };
}
/** A line of the file: one request of one signal (opentelemetry.proto.collector). */
interface Line {
  readonly resourceSpans?: readonly (Batch & {
    readonly scopeSpans: readonly (Scoped & { readonly spans: readonly JudgedSpan[] })[];
  })[];
  readonly resourceLogs?: readonly (Batch & {
    readonly scopeLogs: readonly (Scoped & { readonly logRecords: readonly JudgedLog[] })[];
  })[];
  readonly resourceMetrics?: readonly (Batch & {
    readonly scopeMetrics: readonly (Scoped & { readonly metrics: readonly JudgedMetric[] })[];
  })[];
}

/** Attributes by name; what is not a text, a number or a boolean stays as OTLP/JSON writes it. */
export const valuesOf = (attributes: Attributes = []): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue, doubleValue, ...other } }) => [
      key,
      stringValue ?? boolValue ?? doubleValue ?? (intValue === undefined ? other : Number(intValue)),
    ]),
  );

function readTaken(text: string): Taken {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const lines = whole.split('\n').filter((line) => line !== '');
  const all = lines.map((line): Line => JSON.parse(line));
  const sent = <T>(batch: Batch, { scope }: Scoped, items: readonly T[]): readonly Sent<T>[] =>
    items.map((item) => ({ ...item, resource: valuesOf(batch.resource?.attributes), scope: scope?.name ?? '' }));
  return {
    spans: all.flatMap(({ resourceSpans = [] }) =>
      resourceSpans.flatMap((one) => one.scopeSpans.flatMap((scoped) => sent(one, scoped, scoped.spans))),
    ),
    logs: all.flatMap(({ resourceLogs = [] }) =>
      resourceLogs.flatMap((one) => one.scopeLogs.flatMap((scoped) => sent(one, scoped, scoped.logRecords))),
    ),
    metrics: all.flatMap(({ resourceMetrics = [] }) =>
      resourceMetrics.flatMap((one) => one.scopeMetrics.flatMap((scoped) => sent(one, scoped, scoped.metrics))),
    ),
    text: whole,
  };
}
