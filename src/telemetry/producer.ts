import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { Clock } from '../core/clock.ts';
import type { Cell, Cells, Family } from './cells.ts';
import { boundsOf } from './metric-spec.ts';

/** The same cells as the Prometheus text, in the shape that OpenTelemetry's metric readers collect (cumulative since now). */
export function produceMetrics(cells: Cells, clock: Clock): MetricProducer {
  const startTime = millisToHrTime(clock.nowMs());
  return {
    collect: async () => {
      const endTime = millisToHrTime(clock.nowMs());
      const families = cells.collect().filter((family) => family.cells.length > 0);
      const scopeMetrics = [
        { scope: { name: 'portcullis' }, metrics: families.map((family) => dataOf(family, startTime, endTime)) },
      ];
      return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
    },
  };
}

function dataOf({ spec, cells }: Family, startTime: HrTime, endTime: HrTime): MetricData {
  const points = <T>(read: (cell: Cell) => T): DataPoint<T>[] =>
    cells.map((cell) => ({ startTime, endTime, attributes: attributesOf(spec.labels, cell), value: read(cell) }));
  const base = {
    descriptor: { name: spec.name, description: spec.help, unit: spec.unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const { type } = spec;
  switch (type) {
    case 'counter':
      return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points(({ value }) => value) };
    case 'gauge':
      return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: points(({ value }) => value) };
    case 'histogram':
      return {
        ...base,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: points((cell) => histogramOf(cell, boundsOf(spec))),
      };
    default:
      return type satisfies never;
  }
}

const attributesOf = (names: readonly string[], { labels }: Cell): Attributes =>
  Object.fromEntries(names.map((name, index) => [name, labels[index]]));

const histogramOf = ({ value, counts }: Cell, bounds: readonly number[]) => ({
  buckets: { boundaries: [...bounds], counts: [...counts] },
  sum: value,
  count: counts.reduce((total, count) => total + count, 0),
});
