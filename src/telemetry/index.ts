import { randomUUID } from 'node:crypto';
import type { DestinationStream } from 'pino';
import type { Clock } from '../core/clock.ts';
import { settleWithin } from '../core/patience.ts';
import type { AuditSignals, Log, Signals } from '../core/ports.ts';
import { createCells } from './cells.ts';
import type { TelemetryConfig } from './config.ts';
import { expose } from './exposition.ts';
import { createLog } from './log.ts';
import { type MetricsPush, type OtlpTarget, pushMetrics, resourceOf, watchExports } from './otlp.ts';
import { probeProcess } from './process.ts';
import { produceMetrics } from './producer.ts';
import { createSignals } from './signals.ts';
import { createTracing, type Tracing } from './tracing.ts';

export { buildTelemetry, type TelemetryConfig, type TelemetryKeys, telemetrySchema } from './config.ts';

/** What the process is called towards others, and its clock. */
export interface TelemetryOptions extends Partial<TelemetryConfig> {
  readonly clock: Clock;
  readonly version?: string;
  /** Tells instances of one service apart; random by default. */
  readonly instanceId?: string;
  /** Where the log goes; standard error by default. */
  readonly logDestination?: DestinationStream;
}

/** Everything by which the process can be watched. */
export interface Telemetry {
  readonly log: Log;
  readonly signals: Signals & AuditSignals;
  readonly tracing: Tracing;
  /** The metrics as Prometheus text. */
  metricsText(): string;
  /** Sends what waits, then stops; resolves after boundMs at the latest. Never rejects. */
  shutdown(boundMs: number): Promise<void>;
}

/** Builds the log, the metrics and, if there is an OTLP endpoint, what sends traces and metrics to it. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { clock, otlpEndpoint, serviceName = 'portcullis', logLevel = 'info', sampleRoot = 0 } = options;
  const { metricsIntervalMs = 15_000, version = '0.0.0', instanceId = randomUUID(), logDestination } = options;
  const destination = logDestination === undefined ? {} : { destination: logDestination };
  const log = createLog({ level: logLevel, serviceName, clock, ...destination });
  const cells = createCells([probeProcess]);
  const target: OtlpTarget | undefined =
    otlpEndpoint === undefined || otlpEndpoint === ''
      ? undefined
      : { endpoint: otlpEndpoint.replace(/\/+$/, ''), resource: resourceOf(serviceName, version, instanceId) };

  const tracing = createTracing({ target, clock, sampleRoot, watch: watchExports('traces', cells, log) });
  const push: MetricsPush | undefined =
    target && pushMetrics(target, produceMetrics(cells, clock), metricsIntervalMs, watchExports('metrics', cells, log));

  return {
    log,
    signals: createSignals(cells, clock),
    tracing,
    metricsText: () => expose(cells.collect()),
    shutdown: (boundMs) => settleWithin(Promise.allSettled([tracing.shutdown(), push?.shutdown()]), boundMs),
  };
}
