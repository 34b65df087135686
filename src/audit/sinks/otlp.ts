import { type LogFacts, openOtlpLogs } from '../../sinks/otlp-logs.ts';
import type { AuditEvent } from '../ocsf.ts';
import type { SinkKind } from '../sink.ts';

/** Log records of OpenTelemetry to telemetry.otlp.endpoint: the body is the event's JSON, and each joins its call's trace. */
export const otlp: SinkKind = {
  schema: {
    type: 'object',
    description: 'Audit events as OpenTelemetry log records to telemetry.otlp.endpoint; inactive while that is empty.',
    additionalProperties: false,
    properties: {},
  },
  build: () => (environment) => {
    const { otlpEndpoint } = environment;
    if (otlpEndpoint === undefined || otlpEndpoint === '') return { inactive: 'telemetry.otlp.endpoint is empty' };
    const { send, close } = openOtlpLogs(otlpEndpoint, 'portcullis.audit', environment);
    return { sink: { write: (batch) => send(batch.map(factsOf)), close } };
  },
};

const severities = [
  { number: 9, text: 'INFO' },
  { number: 10, text: 'INFO2' },
  { number: 13, text: 'WARN' },
  { number: 17, text: 'ERROR' },
] as const satisfies readonly LogFacts['severity'][];

const factsOf = ({ timeMs, severity, name, line, classUid, trace }: AuditEvent): LogFacts => ({
  timeMs,
  severity: severities[severity - 1] ?? severities[3],
  eventName: name,
  body: line,
  attributes: { 'ocsf.class_uid': classUid },
  trace,
});
