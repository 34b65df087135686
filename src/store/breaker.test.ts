import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBreaker } from './breaker.ts';

test('opens after silence in a row, lets one probe through, and closes on an answer', () => {
  let nowMs = 0;
  const breaker = createBreaker({ threshold: 2, pauseMs: 100, monotonicMs: () => nowMs });
  breaker.settle('silent');
  breaker.settle('answered');
  breaker.settle('silent');
  assert.equal(breaker.admit(), true, 'not in a row');
  breaker.settle('silent');
  assert.equal(breaker.open, true);
  assert.equal(breaker.admit(), false);
  nowMs = 100;
  assert.equal(breaker.open, false);
  assert.equal(breaker.admit(), true, 'the probe');
  assert.equal(breaker.admit(), false, 'and nothing beside it');
  breaker.settle('silent');
  nowMs = 199;
  assert.equal(breaker.admit(), false);
  nowMs = 200;
  assert.equal(breaker.admit(), true);
  breaker.settle('answered');
  assert.equal(breaker.open, false);
  assert.deepEqual([breaker.admit(), breaker.admit()], [true, true]);
});
