import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseAfter } from './backoff.ts';

test('pauses begin at a second, double, and end at half a minute', () => {
  const pauses = [0, 1, 2, 3, 5, 6, 7, 5000].map(pauseAfter);
  assert.deepEqual(pauses, [0, 1000, 2000, 4000, 16_000, 30_000, 30_000, 30_000]);
});
