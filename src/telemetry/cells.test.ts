import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cell, createCells, type MetricName } from './cells.ts';
import { bucketBounds } from './metric-spec.ts';
import { metrics } from './names.ts';

const cellsOf = (cells: ReturnType<typeof createCells>, name: MetricName): readonly Cell[] =>
  cells.collect().find(({ spec }) => spec.name === metrics[name].name)?.cells ?? [];

test('a counter adds up for each label set', () => {
  const cells = createCells();
  cells.add('storeCalls', ['ok']);
  cells.add('storeCalls', ['ok'], 2);
  cells.add('storeCalls', ['error']);
  assert.deepEqual(
    cellsOf(cells, 'storeCalls').map(({ labels, value }) => [labels, value]),
    [
      [['ok'], 3],
      [['error'], 1],
    ],
  );
});

test('label sets never meet, whatever characters they hold', () => {
  const cells = createCells();
  cells.add('descriptors', ['a', 'b\u0000c']);
  cells.add('descriptors', ['a\u0000b', 'c']);
  assert.equal(cellsOf(cells, 'descriptors').length, 2);
});

test('a metric without labels is there from the start', () => {
  assert.deepEqual(
    cellsOf(createCells(), 'planLastSuccessful').map(({ value }) => value),
    [0],
  );
});

test('label sets beyond the bound count as other, and those within it go on', () => {
  const cells = createCells([], 2);
  for (const domain of ['a', 'b', 'c', 'd']) cells.add('descriptors', [domain, 'ok']);
  cells.add('descriptors', ['a', 'ok']);
  assert.deepEqual(
    cellsOf(cells, 'descriptors').map(({ labels, value }) => [labels.join(), value]),
    [
      ['a,ok', 2],
      ['b,ok', 1],
      ['other,other', 2],
    ],
  );
});

test('a replaced gauge forgets its other label sets', () => {
  const cells = createCells();
  cells.replace('planInfo', ['one'], 1);
  cells.replace('planInfo', ['two'], 1);
  assert.deepEqual(
    cellsOf(cells, 'planInfo').map(({ labels }) => labels),
    [['two']],
  );
});

test('a histogram counts into the bucket whose bound is not below the value', () => {
  const cells = createCells();
  for (const seconds of [0, 0.0001, 0.00011, 2.5, 2.6]) cells.observe('decisionDuration', ['allow'], seconds);
  const [cell] = cellsOf(cells, 'decisionDuration');
  assert.deepEqual([cell?.counts[0], cell?.counts[1], cell?.counts[bucketBounds.length - 1]], [2, 1, 1]);
  assert.equal(cell?.counts[bucketBounds.length], 1);
});

test('probes run whenever metrics are asked for', () => {
  let asked = 0;
  const cells = createCells([
    (into) => {
      asked += 1;
      into.set('processMemory', [], asked);
    },
  ]);
  cells.collect();
  assert.equal(cellsOf(cells, 'processMemory')[0]?.value, 2);
});

test('metric names are unique, carry their unit and our prefix', () => {
  const specs = Object.values(metrics);
  assert.equal(new Set(specs.map(({ name }) => name)).size, specs.length);
  for (const { name, type, unit, labels } of specs) {
    assert.match(name, /^portcullis_[a-z_]+$/);
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    if (unit === 's') assert.match(name, /_seconds(_total)?$/);
    if (unit === 'By') assert.match(name, /_bytes(_total)?$/);
    for (const label of labels) assert.match(label, /^[a-z_]+$/);
  }
});

test('what is put off is done when somebody looks, once, and the last of a key alone', () => {
  const cells = createCells();
  let done = 0;
  cells.defer('a', () => assert.fail('another one has taken its place'));
  cells.defer('a', (own) => {
    done += 1;
    own.set('accessLogEntries', [], 5);
  });
  assert.equal(done, 0);
  const entries = cells.collect().find(({ spec }) => spec.name === 'portcullis_access_log_entries_total');
  cells.collect();
  assert.deepEqual([done, entries?.cells[0]?.value], [1, 5]);
});
