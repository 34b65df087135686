import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBell } from './bell.ts';

test('a bell wakes those who wait, and nobody twice', async () => {
  const bell = createBell();
  bell.ring();
  let woken = 0;
  const both = [bell.wait(), bell.wait(60_000)].map((one) => one.then(() => (woken += 1)));
  assert.equal(woken, 0);
  bell.ring();
  await Promise.all(both);
  assert.equal(woken, 2);
});

test('who has waited long enough waits no more', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const waited = createBell().wait(1000);
  context.mock.timers.tick(1000);
  await waited;
});
