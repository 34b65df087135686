import { type SeverityNumber, TraceFlags } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, millisToHrTime } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { AuditEvent } from '../ocsf.ts';
import type { Delivered, Sink, SinkEnvironment, SinkKind } from '../sink.ts';

const exportTimeoutMs = 2000;
const scope = Object.freeze({ name: 'portcullis.audit' });

/** Log records of OpenTelemetry to telemetry.otlp.endpoint: the body is the event's JSON, and each joins its call's trace. */
export const otlp: SinkKind = {
  schema: {
    type: 'object',
    description: 'Audit events as OpenTelemetry log records to telemetry.otlp.endpoint; inactive while that is empty.',
    additionalProperties: false,
    properties: {},
  },
  build: () => (environment) =>
    environment.otlpEndpoint === undefined || environment.otlpEndpoint === ''
      ? { inactive: 'telemetry.otlp.endpoint is empty' }
      : { sink: openOtlp(environment.otlpEndpoint, resourceOf(environment)) },
};

const resourceOf = ({ serviceName, version, instanceId }: SinkEnvironment): Resource =>
  resourceFromAttributes({
    'service.name': serviceName,
    'service.version': version,
    'service.instance.id': instanceId,
  });

// The exporter alone, without the SDK's batches: their queue drops the newest and does not tell what it lost.
function openOtlp(endpoint: string, resource: Resource): Sink {
  const exporter = new OTLPLogExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/logs`,
    timeoutMillis: exportTimeoutMs,
  });
  return {
    write: (batch) =>
      new Promise((resolve) => {
        const records = batch.map((event) => recordOf(event, resource));
        exporter.export(records, (result) => resolve(deliveredOf(result)));
      }),
    close: () => exporter.shutdown(),
  };
}

// The receiver has read these and will say the same again; anything else (a wrong path, a missing token) may be mended.
const finalStatuses: ReadonlySet<unknown> = new Set([400, 413, 422]);

function deliveredOf({ code, error }: ExportResult): Delivered {
  if (code === ExportResultCode.SUCCESS) return 'written';
  return error !== undefined && 'code' in error && finalStatuses.has(error.code) ? 'refused' : 'away';
}

const severities = [
  { number: 9, text: 'INFO' },
  { number: 10, text: 'INFO2' },
  { number: 13, text: 'WARN' },
  { number: 17, text: 'ERROR' },
] as const satisfies readonly { readonly number: SeverityNumber; readonly text: string }[];

function recordOf(event: AuditEvent, resource: Resource): ReadableLogRecord {
  const time = millisToHrTime(event.timeMs);
  const severity = severities[event.severity - 1] ?? severities[3];
  return {
    hrTime: time,
    hrTimeObserved: time,
    severityNumber: severity.number,
    severityText: severity.text,
    eventName: event.name,
    body: event.line,
    attributes: { 'ocsf.class_uid': event.classUid },
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    ...(event.trace === undefined
      ? {}
      : {
          spanContext: {
            traceId: event.trace.traceId,
            spanId: event.trace.spanId,
            traceFlags: event.trace.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
          },
        }),
  };
}
