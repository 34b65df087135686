import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricProducer, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { Log } from '../core/ports.ts';
import type { Cells } from './cells.ts';

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
export const exporterOptions = (target: OtlpTarget, signal: 'traces' | 'metrics') => ({
  url: `${target.endpoint}/v1/${signal}`,
  timeoutMillis: exportTimeoutMs,
});

/** Hears how the exports of a signal end: counts each, logs only when it begins to fail and when it works again. */
export type Watch = (done: (result: ExportResult) => void) => (result: ExportResult) => void;

/** A watch over one signal's exports. */
export function watchExports(signal: 'traces' | 'metrics', cells: Cells, log: Log): Watch {
  let failing = false;
  return (done) => (result) => {
    const failed = result.code !== ExportResultCode.SUCCESS;
    cells.add('otlpExports', [signal, failed ? 'error' : 'ok']);
    if (failed && !failing) log.warn({ signal, error: result.error?.message }, 'the collector takes no exports');
    if (!failed && failing) log.info({ signal }, 'the collector takes exports again');
    failing = failed;
    done(result);
  };
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
  watch: Watch,
): MetricsPush {
  const exporter = new OTLPMetricExporter(exporterOptions(target, 'metrics'));
  const reader = new PeriodicExportingMetricReader({
    exporter: {
      export: (batch, done) => exporter.export(batch, watch(done)),
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
