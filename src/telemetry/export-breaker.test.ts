import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExportBreaker } from './export-breaker.ts';

function open() {
  let nowMs = 0;
  const changes: boolean[] = [];
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  const breaker = createExportBreaker({ monotonicMs: () => nowMs, changed: (away) => changes.push(away) });
  return { breaker, changes, wait };
}

test('one failure is forgiven, two in a row open it, and one success closes it', () => {
  const { breaker, changes, wait } = open();
  breaker.settle(false);
  breaker.settle(true);
  breaker.settle(false);
  assert.deepEqual([breaker.admit(), breaker.open], [true, false]);
  breaker.settle(false);
  assert.deepEqual([breaker.admit(), breaker.open], [false, true]);
  wait(5000);
  assert.equal(breaker.admit(), true);
  assert.equal(breaker.open, false);
  breaker.settle(true);
  assert.equal(breaker.admit(), true);
  assert.deepEqual(changes, [true, false]);
});

test('while the probe is out nothing else is admitted, and pauses double up to a minute', () => {
  const { breaker, changes, wait } = open();
  breaker.settle(false);
  breaker.settle(false);
  for (const pauseMs of [5000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    wait(pauseMs - 1);
    assert.equal(breaker.admit(), false);
    wait(1);
    assert.equal(breaker.admit(), true);
    assert.equal(breaker.admit(), false);
    breaker.settle(false);
    assert.equal(breaker.open, true);
  }
  assert.deepEqual(changes, [true]);
});

test('a probe of which nobody tells is not the last one', () => {
  const { breaker, wait } = open();
  breaker.settle(false);
  breaker.settle(false);
  wait(5000);
  assert.equal(breaker.admit(), true);
  wait(5000);
  assert.equal(breaker.admit(), true);
});
