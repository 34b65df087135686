import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Clock } from '../core/clock.ts';
import type { SpanHandle as CallSpan } from '../core/ports.ts';
import { printable, printableHost, printablePath } from '../core/printable.ts';
import { reasons } from '../core/reason.ts';
import { shadowOutcomes } from '../core/shadow.ts';
import type { ClosedTrail, TraceContext } from '../core/trail.ts';
import { exporterOptions, exportTimeoutMs, type OtlpTarget, type Watch } from './otlp.ts';
import { checkSpan, attributes as names, processSpan } from './span-names.ts';

/** The span of one call; where nothing is sampled, the caller's ids, or empty ones without a caller. */
interface SpanHandle extends CallSpan {
  readonly traceId: string;
  readonly spanId: string;
}

/** Opens the span of each call. Never throws. */
export interface Tracing {
  open(parent: TraceContext | undefined): SpanHandle;
  /** Sends what waits and stops. */
  shutdown(): Promise<void>;
}

/** What tracing needs. */
interface TracingOptions {
  /** Undefined: no span is ever made, and no SDK object either. */
  readonly target: OtlpTarget | undefined;
  readonly clock: Clock;
  /** The share of calls without a parent that begin a trace of their own, 0 to 1. */
  readonly sampleRoot: number;
  readonly watch: Watch;
}

const queueMax = 8192;
const lengthMax = 1024;
const methodMax = 32;

const handleOf = (traceId: string, spanId: string): SpanHandle => ({ traceId, spanId, end: () => {} });
const noSpan = Object.freeze(handleOf('', ''));
const unsampled = (parent: TraceContext | undefined): SpanHandle =>
  parent === undefined ? noSpan : handleOf(parent.traceId, parent.spanId);

/** Tracing over OTLP. The SDK is touched only for calls whose parent is sampled, or that may begin a trace. */
export function createTracing({ target, clock, sampleRoot, watch }: TracingOptions): Tracing {
  if (target === undefined) return { open: unsampled, shutdown: async () => {} };
  const exporter = new OTLPTraceExporter(exporterOptions(target, 'traces'));
  const processor = new BatchSpanProcessor({
    exporter: {
      export: (spans, done) => exporter.export(spans, watch(done)),
      forceFlush: () => exporter.forceFlush(),
      shutdown: () => exporter.shutdown(),
    },
    maxQueueSize: queueMax,
    scheduledDelayMillis: 1000,
    exportTimeoutMillis: exportTimeoutMs * 2,
  });
  const provider = new TracerProvider({
    resource: target.resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampleRoot) }),
    spanLimits: { attributeValueLengthLimit: lengthMax },
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('portcullis');

  const open = (parent: TraceContext | undefined): SpanHandle => {
    if (parent === undefined ? sampleRoot === 0 : !parent.sampled) return unsampled(parent);
    const startMs = clock.nowMs();
    const span = tracer.startSpan(
      checkSpan,
      { kind: SpanKind.SERVER, startTime: millisToHrTime(startMs) },
      contextOf(parent),
    );
    const { traceId, spanId } = span.spanContext();
    return { traceId, spanId, end: (trail) => close(span, startMs, trail) };
  };
  return { open: (parent) => attempt(() => open(parent), unsampled(parent)), shutdown: () => provider.shutdown() };
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
function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}

function close(span: Span, startMs: number, trail: ClosedTrail): void {
  attempt(() => {
    const { decision, durationMs } = trail;
    if (span.isRecording()) span.updateName(spanName(trail)).setAttributes(attributesOf(trail));
    if (decision.effect === 'deny' && reasons[decision.reason].kind === 'fail') {
      span.setAttribute(names.errorType, decision.reason);
      span.setStatus({ code: SpanStatusCode.ERROR, message: reasons[decision.reason].title });
    }
    // The trail's own duration: shadow rules are evaluated after the answer and do not make the call longer.
    span.end(millisToHrTime(startMs + durationMs));
  }, undefined);
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
  for (const { step, verdict } of deciding) put(names.stepPrefix + step, verdict);
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
