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
import { checkSpan, attributes as names } from './names.ts';
import { exporterOptions, exportTimeoutMs, type OtlpTarget, type Watch } from './otlp.ts';

/** The span of one call; where nothing is sampled, the caller's ids, or empty ones without a caller. */
export interface SpanHandle extends CallSpan {
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
export interface TracingOptions {
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
    if (span.isRecording()) span.setAttributes(attributesOf(trail));
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
  const deciding = entries.filter(({ shadow }) => !shadow);
  const shadows = shadowOutcomes(entries);
  const found: Attributes = {
    [names.rpcSystem]: 'grpc',
    [names.rpcMethod]: checkSpan,
    [names.httpMethod]: method(trail),
    [names.urlPath]: printablePath(trail),
    [names.serverAddress]: printableHost(trail),
    [names.clientAddress]: request?.clientAddress || undefined,
    [names.decision]: decision.effect,
    [names.reason]: decision.effect === 'deny' ? decision.reason : 'ok',
    [names.rule]: decision.rule,
    [names.decisionId]: decision.id,
    [names.planVersion]: trail.planVersion,
    [names.principalSource]: principal?.source,
    [names.steps]: deciding.map(({ step, verdict }) => `${step} ${verdict}`),
    ...Object.fromEntries(deciding.map(({ step, verdict }) => [names.stepPrefix + step, verdict])),
  };
  if (decision.effect === 'deny') found[names.httpStatus] = decision.status;
  if (shadows.length > 0) {
    found[names.shadow] = shadows.map(({ rule, effect, reason }) => `${rule ?? 'none'} ${effect} ${reason ?? 'ok'}`);
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function method({ request, attributes }: ClosedTrail): string | undefined {
  const name = request?.method ?? attributes?.method;
  return name === undefined ? undefined : printable(name, methodMax);
}
