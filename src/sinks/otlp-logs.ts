import { type SeverityNumber, TraceFlags } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, millisToHrTime } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';

/** Who sends log records: the attributes of their resource. */
export interface LogOrigin {
  readonly serviceName: string;
  readonly version: string;
  readonly instanceId: string;
}

/** What a log record says (opentelemetry.proto.logs.v1). */
export interface LogFacts {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly severity: { readonly number: SeverityNumber; readonly text: string };
  readonly eventName: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string | number | string[]>>;
  /** The trace it belongs to; a span id that is empty is not known. */
  readonly trace: { readonly traceId: string; readonly spanId: string; readonly sampled: boolean } | undefined;
}

/** Sends log records over OTLP/HTTP. */
interface OtlpLogs {
  /** Sends a batch. refused: the receiver has read it and will never take it. Never rejects. */
  send(batch: readonly LogFacts[]): Promise<'written' | 'away' | 'refused'>;
  close(): Promise<void>;
}

const exportTimeoutMs = 2000;

/**
 * Opens the way to the receiver at a base URL; scope: the name of what is told of. It is the exporter alone, without the SDK's
 * batches: their queue drops the newest and does not tell what it lost.
 */
export function openOtlpLogs(endpoint: string, scope: string, origin: LogOrigin): OtlpLogs {
  const exporter = new OTLPLogExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/logs`,
    timeoutMillis: exportTimeoutMs,
  });
  const shared = {
    resource: resourceFromAttributes({
      'service.name': origin.serviceName,
      'service.version': origin.version,
      'service.instance.id': origin.instanceId,
    }),
    instrumentationScope: Object.freeze({ name: scope }),
    droppedAttributesCount: 0,
  };
  return {
    send: (batch) =>
      new Promise((resolve) => {
        const records = batch.map((facts) => recordOf(facts, shared));
        exporter.export(records, (result) => resolve(deliveredOf(result)));
      }),
    close: () => exporter.shutdown(),
  };
}

// The receiver has read these and will say the same again; anything else (a wrong path, a missing token) may be mended.
const finalStatuses: ReadonlySet<unknown> = new Set([400, 413, 422]);

function deliveredOf({ code, error }: ExportResult): 'written' | 'away' | 'refused' {
  if (code === ExportResultCode.SUCCESS) return 'written';
  return error !== undefined && 'code' in error && finalStatuses.has(error.code) ? 'refused' : 'away';
}

type Shared = Pick<ReadableLogRecord, 'resource' | 'instrumentationScope' | 'droppedAttributesCount'>;

function recordOf(facts: LogFacts, shared: Shared): ReadableLogRecord {
  const { timeMs, severity, eventName, body, attributes, trace } = facts;
  const time = millisToHrTime(timeMs);
  return {
    hrTime: time,
    hrTimeObserved: time,
    severityNumber: severity.number,
    severityText: severity.text,
    eventName,
    body,
    attributes,
    ...shared,
    ...(trace && {
      spanContext: {
        traceId: trace.traceId,
        spanId: trace.spanId,
        traceFlags: trace.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      },
    }),
  };
}
