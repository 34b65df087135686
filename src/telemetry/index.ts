import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DestinationStream } from 'pino';
import type { Clock } from '../core/clock.ts';
import { settleWithin } from '../core/patience.ts';
import type { AuditSignals, DetectionSignals, Log, Signals } from '../core/ports.ts';
import { createCells, type Family } from './cells.ts';
import type { TelemetryConfig } from './config.ts';
import { expose } from './exposition.ts';
import { createLogs, type Logs } from './log.ts';
import type { LogLevels } from './log-levels.ts';
import { type MetricsPush, type OtlpTarget, pushMetrics, resourceOf, watchExports } from './otlp.ts';
import { probeProcess } from './process.ts';
import { produceMetrics } from './producer.ts';
import { createSampling } from './sampling.ts';
import { createSignals } from './signals.ts';
import { noTraces } from './traces.ts';
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
  /** What the server says of itself. */
  readonly log: Log;
  /** What each part says, and the levels of it. */
  readonly logs: Logs;
  readonly signals: Signals & AuditSignals & DetectionSignals;
  readonly tracing: Tracing;
  /** Who we are in what others collect. */
  readonly origin: { readonly serviceName: string; readonly version: string; readonly instanceId: string };
  /** The metrics as Prometheus text. */
  metricsText(): string;
  /** Takes what a new config says of sampling and, where it says something else than the one before, of the levels of the log. */
  adjust(config: Adjustable): void;
  /** The metrics as they stand. */
  families(): readonly Family[];
  /** Sends what waits, then stops; resolves after boundMs at the latest. Never rejects. */
  shutdown(boundMs: number): Promise<void>;
}

/** What a reload may change. */
type Adjustable = Pick<TelemetryConfig, 'logLevels' | 'sampleRoot' | 'traces'>;

const quietly: LogLevels = Object.freeze({ level: 'info', parts: {} });

/** Builds the log, the metrics and, if there is an OTLP endpoint, what sends traces and metrics to it. */
export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { clock, otlpEndpoint, serviceName = 'portcullis', logLevels = quietly } = options;
  const { sampleRoot = 0, traces = noTraces, metricsIntervalMs = 15_000, version = '0.0.0' } = options;
  const { instanceId = randomUUID(), logDestination } = options;
  const destination = logDestination === undefined ? {} : { destination: logDestination };
  const logs = createLogs({ levels: logLevels, serviceName, clock, ...destination });
  const cells = createCells([probeProcess]);
  cells.set('buildInfo', [version, process.version], 1);
  const target: OtlpTarget | undefined =
    otlpEndpoint === undefined || otlpEndpoint === ''
      ? undefined
      : { endpoint: otlpEndpoint.replace(/\/+$/, ''), resource: resourceOf(serviceName, version, instanceId) };

  const watching = { cells, log: logs.telemetry, clock };
  const tracing = createTracing({
    target,
    sampling: createSampling({ sampleRoot, traces }),
    exports: watchExports('traces', watching),
    counted: (outcome, spans) => cells.add('spans', [outcome], spans),
  });
  const push: MetricsPush | undefined =
    target && pushMetrics(target, produceMetrics(cells, clock), metricsIntervalMs, watchExports('metrics', watching));
  let configured = logLevels;

  return {
    log: logs.server,
    logs,
    signals: createSignals(cells, clock),
    tracing,
    origin: { serviceName, version, instanceId },
    metricsText: () => expose(cells.collect()),
    adjust: (config) => {
      tracing.adjust(createSampling(config));
      // What operators have set by hand stays until the config says something new.
      if (!isDeepStrictEqual(config.logLevels, configured)) logs.adjust(config.logLevels);
      configured = config.logLevels;
    },
    families: cells.collect,
    shutdown: (boundMs) => settleWithin(Promise.allSettled([tracing.shutdown(), push?.shutdown()]), boundMs),
  };
}
