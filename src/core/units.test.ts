import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBytes, parseDurationMs, parseRate } from './units.ts';

test('durations are milliseconds', () => {
  const durations = { '20ms': 20, '30s': 30_000, '5m': 300_000, '24h': 86_400_000, '7d': 604_800_000, '0s': 0 };
  for (const [text, ms] of Object.entries(durations)) assert.equal(parseDurationMs(text), ms, text);
});

test('sizes are bytes', () => {
  const sizes = { '512B': 512, '64KiB': 65_536, '1MiB': 1_048_576, '0B': 0 };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseBytes(text), bytes, text);
});

test('rates are a count in a period', () => {
  assert.deepEqual(parseRate('10/s'), { count: 10, periodMs: 1000, isSize: false });
  assert.deepEqual(parseRate('2KiB/h'), { count: 2048, periodMs: 3_600_000, isSize: true });
  for (const text of ['2/h/h', '2KiB', 'KiB/h', '0KiB/h', '-1/h', '1.5/h'])
    assert.equal(parseRate(text), undefined, text);
  assert.deepEqual(parseRate('100/m'), { count: 100, periodMs: 60_000, isSize: false });
  assert.deepEqual(parseRate('1000/h'), { count: 1000, periodMs: 3_600_000, isSize: false });
  assert.deepEqual(parseRate('1/d'), { count: 1, periodMs: 86_400_000, isSize: false });
});

test('other texts are none', () => {
  for (const text of [
    '',
    '5',
    'm',
    '5 m',
    ' 5m',
    '5m ',
    '5m\n',
    '-5m',
    '1.5s',
    '5M',
    '5w',
    '5toString',
    '1234567890s',
    '٥m',
  ]) {
    assert.equal(parseDurationMs(text), undefined, JSON.stringify(text));
  }
  for (const text of ['', '64', '64KB', '64kib', '64K', '-1B', '1GiB', '5constructor']) {
    assert.equal(parseBytes(text), undefined, text);
  }
  for (const text of [
    '',
    '0/m',
    '000/m',
    '100',
    '100/',
    '/m',
    '100/ms',
    '100/w',
    '1.5/s',
    '-1/s',
    '100/m/m',
    '1000000000/s',
  ]) {
    assert.equal(parseRate(text), undefined, text);
  }
});

test('any text gets an answer, and a number is never negative', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('0', '9', 's', 'm', 'B', 'K', '/', '-', '.', ' ') }), (text) => {
      for (const parsed of [parseDurationMs(text), parseBytes(text), parseRate(text)?.count]) {
        assert.ok(parsed === undefined || parsed >= 0);
      }
    }),
  );
});
