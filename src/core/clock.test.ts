import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './clock.ts';

test('the system clock tells the time of day and one that never steps back', () => {
  const before = Date.now();
  assert.ok(systemClock.nowMs() >= before);
  const first = systemClock.monotonicMs();
  assert.ok(systemClock.monotonicMs() >= first);
  assert.ok(first < before, 'a monotonic reading is no date');
});
