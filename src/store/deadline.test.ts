import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailable } from '../core/unavailable.ts';
import { createDeadline } from './deadline.ts';

test('a call that ends in time is what it is', async () => {
  const deadline = createDeadline(60_000);
  assert.equal(await deadline.race(Promise.resolve(7)), 7);
  await assert.rejects(createDeadline(60_000).race(Promise.reject(new Error('no'))), /^Error: no$/);
  assert.equal(deadline.passed, false);
});

test('a call that never ends is given up', async () => {
  const deadline = createDeadline(1);
  await assert.rejects(deadline.race(new Promise(() => {})), StoreUnavailable);
  assert.equal(deadline.passed, true);
});

test('an answer that came while we were late ourselves still counts', async () => {
  const deadline = createDeadline(0);
  const late = new Promise<string>((resolve) => {
    setTimeout(() => resolve('in the same turn'), 0);
  });
  assert.equal(await deadline.race(late), 'in the same turn');
  assert.equal(deadline.passed, false);
});
