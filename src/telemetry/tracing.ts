import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { ExportResultCode, millisToHrTime } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Tracing as TracingPort } from '../core/ports.ts';
import { printable, printableHost, printablePath } from '../core/printable.ts';
import { reasons } from '../core/reason.ts';
import { shadowOutcomes } from '../core/shadow.ts';
import type { ClosedTrail, TraceContext } from '../core/trail.ts';
import { type ExportWatch, exporterOptions, exportTimeoutMs, type OtlpTarget } from './otlp.ts';
import type { Sampling } from './sampling.ts';
import { checkSpan, attributes as names, processSpan } from './span-names.ts';
import { stepTimes } from './step-times.ts';

/** Makes the spans of calls whose story is told. Never throws. */
export interface Tracing extends TracingPort {
  /** From now on, other calls have spans. */
  adjust(sampling: Sampling): void;
  /** Sends what waits and stops. */
  shutdown(): Promise<void>;
}

/** What tracing needs. */
interface TracingOptions {
  /** Undefined: no span is ever made, and no SDK object either. */
  readonly target: OtlpTarget | undefined;
  readonly sampling: Sampling;
  readonly exports: ExportWatch;
  /** Hears what became of spans. */
  readonly counted: (outcome: SpanOutcome, spans: number) => void;
}

/** What becomes of a span: no room for it, an export that failed, or a collector that is being left alone. */
type SpanOutcome = 'sent' | 'queue_full' | 'export_failed' | 'collector_away';

const queueMax = 8192;
const lengthMax = 1024;
const methodMax = 32;

/** Tracing over OTLP. The SDK is touched only for calls that have a span, and only while the collector takes any. */
export function createTracing({ target, sampling: first, exports, counted }: TracingOptions): Tracing {
  if (target === undefined) return { record: () => {}, adjust: () => {}, shutdown: async () => {} };
  let sampling = first;
  // Ours and not the processor's own, which tells nobody what it drops.
  let waiting = 0;
  const exporter = new OTLPTraceExporter(exporterOptions(target, 'traces'));
  const processor = new BatchSpanProcessor({
    exporter: {
      export: (spans, done) => {
        const settle = (outcome: SpanOutcome): void => {
          waiting -= spans.length;
          counted(outcome, spans.length);
        };
        exports.send(
          (sent) => exporter.export(spans, sent),
          (result, tried) => {
            settle(!tried ? 'collector_away' : result.code === ExportResultCode.SUCCESS ? 'sent' : 'export_failed');
            done(result);
          },
        );
      },
      forceFlush: () => exporter.forceFlush(),
      shutdown: () => exporter.shutdown(),
    },
    maxQueueSize: queueMax,
    scheduledDelayMillis: 1000,
    exportTimeoutMillis: exportTimeoutMs * 2,
  });
  const provider = new TracerProvider({
    resource: target.resource,
    sampler: new AlwaysOnSampler(),
    spanLimits: { attributeValueLengthLimit: lengthMax },
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('portcullis');

  const record = (trail: ClosedTrail): void => {
    const sampledBy = sampling(trail);
    if (sampledBy === undefined) return;
    const obstacle = waiting >= queueMax ? 'queue_full' : exports.admit() ? undefined : 'collector_away';
    if (obstacle !== undefined) {
      counted(obstacle, 1);
      return;
    }
    const { trace: parent, startMs } = trail;
    const options = { kind: SpanKind.SERVER, startTime: millisToHrTime(startMs) };
    const span = tracer.startSpan(spanName(trail), options, contextOf(parent));
    span.setAttributes(attributesOf(trail)).setAttribute(names.sampledBy, sampledBy);
    waiting += 1;
    close(span, trail);
  };
  return {
    record: (trail) => attempt(() => record(trail)),
    adjust: (next) => {
      sampling = next;
    },
    shutdown: () => provider.shutdown(),
  };
}

const contextOf = (parent: TraceContext | undefined) =>
  parent === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, {
        traceId: parent.traceId,
        spanId: parent.spanId,
        traceFlags: TraceFlags.SAMPLED,
        isRemote: true,
      });

// A span is never worth a call.
function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // A story that nothing can be made of has no span.
  }
}

function close(span: Span, { decision, startMs, durationMs }: ClosedTrail): void {
  if (decision.effect === 'deny' && reasons[decision.reason].kind === 'fail') {
    span.setAttribute(names.errorType, decision.reason);
    span.setStatus({ code: SpanStatusCode.ERROR, message: reasons[decision.reason].title });
  }
  // The trail's own duration: shadow rules are evaluated after the answer and do not make the call longer.
  span.end(millisToHrTime(startMs + durationMs));
}

function attributesOf(trail: ClosedTrail): Attributes {
  const { decision, request, principal, entries } = trail;
  const found: Attributes = {};
  const put = (name: string, value: Attributes[string] | undefined): void => {
    if (value !== undefined) found[name] = value;
  };
  put(names.rpcSystem, 'grpc');
  put(names.rpcMethod, spanName(trail));
  put(names.httpMethod, method(trail));
  put(names.httpStatus, decision.effect === 'deny' ? decision.status : undefined);
  put(names.urlPath, printablePath(trail));
  put(names.serverAddress, printableHost(trail));
  put(names.clientAddress, request?.clientAddress || undefined);
  put(names.decision, decision.effect);
  put(names.reason, decision.effect === 'deny' ? decision.reason : 'ok');
  put(names.rule, decision.rule);
  put(names.decisionId, decision.id);
  put(names.planVersion, trail.planVersion);
  put(names.principalSource, principal?.source);

  const deciding = entries.filter(({ shadow }) => !shadow);
  put(
    names.steps,
    deciding.map(({ step, verdict }) => `${step} ${verdict}`),
  );
  // A step may be taken twice, as limits are: what one of them said is not hidden by one that had nothing to say.
  for (const { step, verdict } of deciding) {
    const name = names.stepPrefix + step;
    if (verdict !== 'abstain' || found[name] === undefined) put(name, verdict);
  }
  for (const [step, ms] of stepTimes(trail)) put(`${names.stepPrefix}${step}${names.durationSuffix}`, ms);
  const shadows = shadowOutcomes(entries).map(
    ({ rule = 'none', effect, reason = 'ok' }) => `${rule} ${effect} ${reason}`,
  );
  put(names.shadow, shadows.length === 0 ? undefined : shadows);
  return found;
}

const spanName = ({ service }: ClosedTrail): string => (service === 'process' ? processSpan : checkSpan);

function method({ request, attributes }: ClosedTrail): string | undefined {
  const name = request?.method ?? attributes?.method;
  return name === undefined ? undefined : printable(name, methodMax);
}
