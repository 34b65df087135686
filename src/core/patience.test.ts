import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleWithin } from './patience.ts';

test('work that ends, well or badly, is waited for', async () => {
  let done = false;
  await settleWithin(
    Promise.resolve().then(() => {
      done = true;
    }),
    60_000,
  );
  assert.ok(done);
  await settleWithin(Promise.reject(new Error('bad')), 60_000);
});

test('work that never ends is left at the bound', async () => {
  await settleWithin(new Promise(() => {}), 1);
});
