import type { BuildContext, JsonSchema } from '../core/build.ts';
import { readOtlpEndpoint } from '../core/otlp-endpoint.ts';
import { parseDurationMs } from '../core/units.ts';
import { buildLogLevels, type LogKeys, type LogLevel, type LogLevels, logLevels, logSchema } from './log-levels.ts';
import { buildTraces, type TracesConfig, type TracesKeys, tracesSchema } from './traces.ts';

/** The config key `telemetry` as users write it. */
export interface TelemetryKeys {
  readonly otlp?: { readonly endpoint?: string; readonly metrics_interval?: string };
  readonly log_level?: LogLevel;
  readonly log?: LogKeys;
  readonly traces?: TracesKeys;
  readonly service_name?: string;
  readonly sample_root?: number;
}

/** The same with every default filled in. */
export interface TelemetryConfig {
  /** Without a slash at its end; undefined: nothing is sent. */
  readonly otlpEndpoint: string | undefined;
  readonly metricsIntervalMs: number;
  readonly logLevels: LogLevels;
  readonly traces: TracesConfig;
  readonly serviceName: string;
  readonly sampleRoot: number;
}

/** The schema of the config key `telemetry`. */
export const telemetrySchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'Traces, metrics and the execution log. Default: metrics on the admin port and a log on standard error.',
  additionalProperties: false,
  properties: {
    otlp: {
      type: 'object',
      description: 'Where traces, metrics and audit events are sent. Default: nowhere.',
      additionalProperties: false,
      properties: {
        endpoint: {
          type: 'string',
          description:
            'The base URL of an OTLP/HTTP receiver, like http://127.0.0.1:4318; signals go to /v1/traces, /v1/metrics and ' +
            '/v1/logs below it. Headers for it come from OTEL_EXPORTER_OTLP_HEADERS. Default: empty, nothing is sent.',
        },
        metrics_interval: {
          type: 'string',
          format: 'duration',
          description: 'How often metrics are sent, at least 1s. Default: 15s.',
        },
      },
    },
    log_level: {
      enum: logLevels,
      description: 'The level of log, in a word. Default: info.',
    },
    log: logSchema,
    traces: tracesSchema,
    service_name: {
      type: 'string',
      minLength: 1,
      maxLength: 128,
      description: 'The name under which traces, metrics and logs are found (service.name). Default: portcullis.',
    },
    sample_root: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description:
        'The share of calls without a parent trace that begin one; calls with a parent follow its sampling. Default: 0.',
    },
  },
});

const leastIntervalMs = 1000;

/** Fills in the defaults of `telemetry` and reports what the schema cannot see; rules: their ids, undefined where they cannot be told. */
export function buildTelemetry(
  keys: TelemetryKeys | undefined,
  rules: ReadonlySet<string> | undefined,
  context: BuildContext,
): TelemetryConfig {
  const { otlp = {}, log_level, service_name = 'portcullis', sample_root = 0, log, traces } = keys ?? {};
  const metricsIntervalMs = parseDurationMs(otlp.metrics_interval ?? '15s');
  if (metricsIntervalMs === undefined || metricsIntervalMs < leastIntervalMs) {
    context.issue(['otlp', 'metrics_interval'], 'must be a duration of at least 1s');
  }
  return {
    otlpEndpoint: readOtlpEndpoint(otlp.endpoint ?? '', (problem) => context.issue(['otlp', 'endpoint'], problem)),
    metricsIntervalMs: metricsIntervalMs ?? leastIntervalMs,
    logLevels: buildLogLevels(log, log_level, context),
    traces: buildTraces(traces, rules, context.at('traces')),
    serviceName: service_name,
    sampleRoot: sample_root,
  };
}
