import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureCost } from '../bench/detect/cost.ts';
import { findGuessing } from '../bench/detect/guessing.ts';
import { findInSeries } from '../bench/detect/series.ts';
import { scoreSurges } from '../bench/detect/surges.ts';

// Small versions of test/bench/detect, which measures the same on fourteen days.

test('surges of three times are found, soon, and hardly anything else', () => {
  const { surges, recall, delay95, falsePerClientWeek } = scoreSurges(1, 10, 4);
  assert.ok(surges > 10);
  assert.ok(recall >= 0.9, `${recall}`);
  assert.ok(delay95 <= 25, `${delay95}`);
  assert.ok(falsePerClientWeek <= 1, `${falsePerClientWeek}`);
});

test('guesses at one a second from fifty addresses are found within two minutes, and slips of people are not', () => {
  for (const seed of [1, 2, 3]) {
    const { seconds, falseAlerts } = findGuessing(seed, 50, 1);
    assert.ok(seconds <= 120, `${seconds}`);
    assert.equal(falseAlerts, 0);
  }
});

test('a million addresses take no more memory than a hundred thousand', () => {
  const { bytesAt100k, bytesAt1M } = measureCost();
  assert.ok(bytesAt100k < 48 * 1024 ** 2, `${bytesAt100k}`);
  assert.ok(bytesAt1M < bytesAt100k + 16 * 1024 ** 2, `${bytesAt1M}`);
});

test('a series of anything is judged by its own past', () => {
  const startMs = Date.UTC(2026, 0, 5);
  const series = (value: (index: number) => number) =>
    Array.from({ length: 2000 }, (_, index) => {
      const atMs = startMs + index * 300_000;
      return { timestamp: new Date(atMs).toISOString(), atMs, value: value(index) };
    });
  const wave = (index: number): number => 50 + 20 * Math.sin((index / 288) * 2 * Math.PI) + ((index * 7919) % 13) / 3;
  const hourly = (point: ReturnType<typeof series>[number], index: number) => {
    const atMs = startMs + index * 3_600_000;
    return { ...point, atMs, timestamp: new Date(atMs).toISOString() };
  };
  const at = (points: ReturnType<typeof series>): readonly number[] =>
    findInSeries(points).map(({ timestamp }) => Math.round((Date.parse(timestamp) - startMs) / 300_000));
  assert.deepEqual(at(series(() => 3)), []);
  assert.deepEqual(at(series(wave)), []);
  assert.deepEqual(at(series((index) => wave(index) + (index >= 1500 ? 200 : 0))), [1500]);
  assert.deepEqual(at(series((index) => (index === 1500 ? 500 : wave(index)))), [1500]);
  assert.deepEqual(at(series((index) => (index >= 1500 && index < 1520 ? 0.5 : wave(index)))), [1500]);
  assert.deepEqual(at(series(wave).filter((_, index) => index < 1000 || index > 1200)), []);
  assert.deepEqual(at(series((index) => (index === 1500 ? 40 : 0))), [1500]);
  // Well within a day, but not at this hour of it.
  const day = (index: number): number => 50 + 20 * Math.sin((index / 24) * 2 * Math.PI) + ((index * 7919) % 13) / 3;
  assert.deepEqual(at(series(day).map((point, index) => hourly(point, index))), []);
  const dip = series((index) => (index === 1206 ? day(index) - 30 : day(index))).map((point, index) =>
    hourly(point, index),
  );
  assert.deepEqual(
    findInSeries(dip).map(({ timestamp }) => timestamp),
    [dip[1206]?.timestamp],
  );
});
