import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { looking, reads, replacing } from '../../test/support/processing.ts';
import { aSubject } from '../../test/support/requests.ts';
import type { BodyProcessor } from '../core/processing.ts';
import { openReading, type Reading } from './reading.ts';

function open(body: BodyProcessor, now: () => number): Reading {
  const step = reads(() => body)({ status: undefined, headers: new Map(), endOfStream: false }, aSubject());
  assert.ok(step.kind === 'read');
  return openReading(step, now);
}

/** How many turns others had while the body of ten slices was read. */
async function turnsOf(now: () => number): Promise<number> {
  const reading = open(looking(), now);
  let [turns, over] = [0, false];
  const others = (async () => {
    while (!over) {
      await setImmediate();
      turns += 1;
    }
  })();
  await reading.push(new Uint8Array(10 * 8192), true);
  const had = turns;
  over = true;
  await others;
  return had;
}

test('others have their turn between the slices of a piece when that takes long, and only then', async () => {
  let clock = 0;
  const slow = (): number => {
    clock += 3;
    return clock;
  };
  assert.ok((await turnsOf(slow)) >= 9);
  assert.equal(await turnsOf(() => 0), 0);
});

test('a slice that is looked at on a thread is waited for', async () => {
  const plain = looking();
  const reading = open({ ...plain, push: async (bytes, last) => plain.push(bytes, last) }, () => 0);
  const piece = Buffer.alloc(20_000, 'se');
  const taken = await reading.push(piece, true);
  assert.ok(taken.kind === 'forward' && taken.bytes === piece);
});

test('what waits for the next slice and goes on with it changes nothing', async () => {
  const reading = open(replacing('secret', '******'), () => 0);
  // Of each slice the last bytes wait.
  const piece = Buffer.alloc(20_000, 'se');
  const taken = await reading.push(piece, true);
  assert.ok(taken.kind === 'forward' && taken.bytes === piece);
  assert.equal(reading.changed(), false);
});
