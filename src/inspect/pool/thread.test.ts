import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aSubject } from '../../../test/support/requests.ts';
import type { WorkSpec } from './pool.ts';
import { type Outcome, startThread, type Thread } from './thread.ts';

const nothing: WorkSpec = { work: 'inspector', spec: [] };

async function open(specs: ReadonlyMap<number, WorkSpec>) {
  const idle = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<boolean>();
  const thread = startThread({ specs, onIdle: idle.resolve, onGone: gone.resolve });
  if (specs.size > 0) await idle.promise;
  return { thread, gone: gone.promise };
}

const run = (thread: Thread, id: number, given: unknown = aSubject()): Promise<Outcome> =>
  new Promise((resolve) => thread.run({ id, given, budgetMs: 1000 }, resolve));

test('a thread that is told to end comes to the end of its body first: native code must not be cut off', async () => {
  const { thread, gone } = await open(new Map([[1, nothing]]));
  const outcome = run(thread, 1);
  assert.equal(thread.idle(), false);
  await thread.end();
  assert.equal((await outcome).kind, 'done');
  assert.equal(await gone, true);
  assert.equal(thread.idle(), false);
});

test('what cannot be handed over or is not known is a failure, and the thread lives on', async () => {
  const { thread } = await open(new Map());
  const odd = aSubject({ request: { headers: new Map([['x', [Symbol('no clone')]]]) as never } });
  assert.deepEqual(await run(thread, 1, odd), { kind: 'failed' });
  assert.deepEqual(await run(thread, 1), { kind: 'failed' });
  thread.tell({ kind: 'learn', id: 1, ...nothing });
  const done = await run(thread, 1);
  assert.ok(done.kind === 'done');
  await thread.end();
});

test('a thread that nobody waits for any more lives on when it comes to an end by itself, else it ends behind its body', async () => {
  const { thread, gone } = await open(new Map([[1, nothing]]));
  const first = run(thread, 1);
  thread.abandon(60_000);
  assert.equal((await first).kind, 'done');
  const second = run(thread, 1, aSubject({ request: { body: new Uint8Array(64 * 1024 ** 2) } }));
  thread.abandon(0);
  assert.equal((await second).kind, 'done');
  assert.equal(await gone, true);
});
