import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricProducer, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/ports.ts';
import type { Cells } from './cells.ts';
import { createExportBreaker } from './export-breaker.ts';

/** Who sends, and where to. */
export interface OtlpTarget {
  /** The base URL of an OTLP/HTTP receiver, without a slash at its end. */
  readonly endpoint: string;
  readonly resource: Resource;
}

/** Milliseconds that one export may take, its retries included: a dead collector must not hold the only slot for long. */
export const exportTimeoutMs = 2000;

/** The resource that every signal carries. */
export function resourceOf(serviceName: string, version: string, instanceId: string): Resource {
  return resourceFromAttributes({
    'service.name': serviceName,
    'service.version': version,
    'service.instance.id': instanceId,
  });
}

/** Options of the exporter of one signal. */
export const exporterOptions = (target: OtlpTarget, signal: Signal) => ({
  url: `${target.endpoint}/v1/${signal}`,
  timeoutMillis: exportTimeoutMs,
});

/** Stands between a signal and its exporter: while the collector takes nothing, nothing is made and nothing is sent. */
export interface ExportWatch {
  /** Whether something may be made for the collector now. */
  admit(): boolean;
  /** Sends something, or says at once that it cannot be sent; then tried is false. */
  send(
    attempt: (sent: (result: ExportResult) => void) => void,
    done: (result: ExportResult, tried: boolean) => void,
  ): void;
}

/** A signal that is sent over OTLP. */
type Signal = 'traces' | 'metrics';

/** A watch over one signal's exports: counts each, logs only when the collector begins to fail and when it works again. */
export function watchExports(signal: Signal, { cells, log, clock }: WatchDeps): ExportWatch {
  let failing = false;
  const breaker = createExportBreaker({
    monotonicMs: () => clock.monotonicMs(),
    changed: (away) => cells.set('otlpAway', [signal], away ? 1 : 0),
  });
  cells.set('otlpAway', [signal], 0);
  const conclude = (result: ExportResult): void => {
    const failed = result.code !== ExportResultCode.SUCCESS;
    breaker.settle(!failed);
    cells.add('otlpExports', [signal, failed ? 'error' : 'ok']);
    if (failed && !failing) log.warn({ signal, error: result.error?.message }, 'the collector takes no exports');
    else if (failed) log.debug?.({ signal, error: result.error?.message }, 'the collector takes no exports still');
    if (!failed && failing) log.info({ signal }, 'the collector takes exports again');
    failing = failed;
  };
  return {
    admit: () => breaker.admit(),
    send: (attempt, done) => {
      if (breaker.open) return done({ code: ExportResultCode.FAILED }, false);
      attempt((result) => {
        conclude(result);
        done(result, true);
      });
    },
  };
}

/** What a watch tells its doings to. */
interface WatchDeps {
  readonly cells: Cells;
  readonly log: Log;
  readonly clock: Clock;
}

/** What sends metrics in the background. */
export interface MetricsPush {
  /** Sends what there is and stops. */
  shutdown(): Promise<void>;
}

/** Sends a producer's metrics every intervalMs. */
export function pushMetrics(
  target: OtlpTarget,
  producer: MetricProducer,
  intervalMs: number,
  exports: ExportWatch,
): MetricsPush {
  const exporter = new OTLPMetricExporter(exporterOptions(target, 'metrics'));
  const reader = new PeriodicExportingMetricReader({
    exporter: {
      export: (batch, done) => {
        // The first that asks after a pause is the probe.
        exports.admit();
        exports.send((sent) => exporter.export(batch, sent), done);
      },
      forceFlush: () => exporter.forceFlush(),
      shutdown: () => exporter.shutdown(),
    },
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, exportTimeoutMs * 2),
    metricProducers: [producer],
  });
  const provider = new MeterProvider({ resource: target.resource, readers: [reader] });
  return { shutdown: () => provider.shutdown() };
}
