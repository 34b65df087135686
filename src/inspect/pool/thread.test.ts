import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aSubject } from '../../../test/support/requests.ts';
import { startThread } from './thread.ts';

test('a thread that ends over a payload says so, and that it was useful before', async () => {
  const idle = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<boolean>();
  const thread = startThread({ specs: new Map([[1, []]]), onIdle: idle.resolve, onGone: gone.resolve });
  await idle.promise;
  const verdict = Promise.withResolvers<unknown>();
  thread.run(1, aSubject(), verdict.resolve);
  assert.equal(thread.idle(), false);
  await thread.end();
  assert.equal(await verdict.promise, undefined);
  assert.equal(await gone.promise, true);
  assert.equal(thread.idle(), false);
});

test('a payload that cannot be handed over is no verdict, and the thread lives on', async () => {
  const idle = Promise.withResolvers<void>();
  const thread = startThread({ specs: new Map(), onIdle: idle.resolve, onGone: () => {} });
  const odd = aSubject({ request: { headers: new Map([['x', [Symbol('no clone')]]]) as never } });
  const verdict = await new Promise((resolve) => thread.run(1, odd, resolve));
  assert.equal(verdict, undefined);
  const unknown = await new Promise((resolve) => thread.run(1, aSubject(), resolve));
  assert.deepEqual(unknown, {
    kind: 'fail',
    reason: 'inspection_failed',
    detail: { error: 'unknown inspector' },
  });
  await thread.end();
});
