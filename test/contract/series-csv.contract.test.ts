import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSeries, SeriesProblem } from '../bench/detect/series-csv.ts';

const startMs = Date.UTC(2026, 0, 5, 10);
const pairs = (text: string): readonly (readonly [number, number])[] =>
  parseSeries(text).points.map(({ atMs, value }) => [(atMs - startMs) / 1000, value]);

test('a time is a date, or seconds, milli-, micro- or nanoseconds', () => {
  const times = [
    '2026-01-05 10:00:00',
    '2026-01-05T10:00:00Z',
    '2026-01-05T12:00:00+02:00',
    '2026-01-05 10:00',
    '01/05/2026 10:00',
    '2026-01-05 10:00:00.000000',
    String(startMs / 1000),
    String(startMs),
    String(startMs * 1e3),
    String(startMs * 1e6),
  ];
  for (const time of times) assert.deepEqual(pairs(`${time},1.5`), [[0, 1.5]], time);
  assert.equal(parseSeries('2026-01-05,3').points[0]?.atMs, Date.UTC(2026, 0, 5));
});

test('columns go by their names, in quotes or not, with whatever ends a line', () => {
  const head = '\ufeffid,"timestamp","a, b",value\r\n';
  assert.deepEqual(pairs(`${head}7,"2026-01-05 10:00:00","x ""y"", z",-2\r\n\r\n`), [[0, -2]]);
  assert.deepEqual(pairs('value;time\n3;2026-01-05 10:00:00\n'), [[0, 3]]);
  assert.deepEqual(pairs('when\thow much\n2026-01-05 10:00:00\t1e3'), [[0, 1000]]);
});

test('points stand in the order of time, each once, and what is none is counted', () => {
  const lines = ['60,2', '0,1', '60,3', '120,', '180,NaN', '240,inf', 'soon,4'];
  const { points, skipped } = parseSeries(`timestamp,value\n${lines.join('\n')}`);
  assert.deepEqual(
    points.map(({ atMs, value }) => [atMs, value]),
    [
      [0, 1],
      [60_000, 3],
    ],
  );
  assert.equal(skipped, 4);
});

test('what is no series is said to be none', () => {
  for (const text of ['', 'timestamp,value\n', 'hello', 'a,b\nc,d'])
    assert.throws(() => parseSeries(text), SeriesProblem, text);
});
