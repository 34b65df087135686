import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../core/clock.ts';
import { type Cell, createCells, type MetricName } from './cells.ts';
import { expose } from './exposition.ts';
import { boundsOf, type MetricSpec } from './metric-spec.ts';
import { metrics } from './names.ts';
import { produceMetrics } from './producer.ts';

/** Series of the Prometheus text by name and labels. */
const readText = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

test('the text and OTLP say the same of every metric of the table', async () => {
  const cells = createCells();
  for (const [index, [name, spec]] of Object.entries<MetricSpec>(metrics).entries()) {
    const counts = spec.type === 'histogram' ? boundsOf(spec).map((_, place) => place) : [];
    const cell: Cell = {
      labels: spec.labels.map((label) => `${label}-${index}`),
      value: index + 0.5,
      counts: Float64Array.from(spec.type === 'histogram' ? [...counts, 7] : []),
    };
    cells.load(name as MetricName, [cell]); // keys of the table itself
  }
  const text = readText(expose(cells.collect()));
  const { resourceMetrics } = await produceMetrics(cells, systemClock).collect();
  const told = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  assert.deepEqual(
    told.map(({ descriptor }) => descriptor.name),
    Object.values<MetricSpec>(metrics).map(({ name }) => name),
  );
  let series = 0;
  const same = (name: string, labels: readonly string[], value: unknown): void => {
    series += 1;
    assert.equal(text.get(`${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`}`), value, name);
  };
  for (const { descriptor, dataPoints } of told) {
    for (const { attributes, value } of dataPoints) {
      const labels = Object.entries(attributes).map(([label, said]) => `${label}="${said}"`);
      if (typeof value === 'number') {
        same(descriptor.name, labels, value);
        continue;
      }
      assert.ok('sum' in value && 'buckets' in value);
      same(`${descriptor.name}_sum`, labels, value.sum);
      same(`${descriptor.name}_count`, labels, value.count);
      let total = 0;
      for (const [place, count] of value.buckets.counts.entries()) {
        total += count;
        same(`${descriptor.name}_bucket`, [...labels, `le="${value.buckets.boundaries[place] ?? '+Inf'}"`], total);
      }
    }
  }
  assert.equal(series, text.size);
});
