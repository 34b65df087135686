import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { settleWithin, unlessAborted } from './patience.ts';

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

test('work under a signal gives what it gives, and its failure', async () => {
  const { signal } = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve('done'), signal, 'aborted'), 'done');
  await assert.rejects(unlessAborted(Promise.reject(new RangeError('bad')), signal, 'aborted'), RangeError);
});

test('the stand-in comes as soon as the signal aborts, and at once where it has', async () => {
  const controller = new AbortController();
  const endless = new Promise<string>(() => {});
  const waiting = unlessAborted(endless, controller.signal, 'aborted');
  controller.abort();
  assert.equal(await waiting, 'aborted');
  assert.equal(await unlessAborted(endless, controller.signal, 'aborted'), 'aborted');
});

test('nothing listens to the signal afterwards', async () => {
  const { signal } = new AbortController();
  await unlessAborted(Promise.resolve(), signal, undefined);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
