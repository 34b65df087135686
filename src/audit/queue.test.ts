import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createQueue, type Queued } from './queue.ts';

const item = (sequence: number, droppable = true, bytes = 1): Queued => ({ sequence, droppable, bytes });
const all = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const sequences = (items: readonly Queued[]): readonly number[] => items.map(({ sequence }) => sequence);

function open(events: number, bytes = Number.POSITIVE_INFINITY) {
  const dropped: Queued[] = [];
  return { queue: createQueue({ events, bytes }, (lost: Queued) => dropped.push(lost)), dropped };
}

test('items come out in their order, whatever they are', () => {
  const { queue } = open(10);
  for (const [at, droppable] of [true, false, false, true].entries()) queue.push(item(at, droppable));
  assert.deepEqual(sequences(queue.take(all)), [0, 1, 2, 3]);
  assert.deepEqual([queue.events, queue.bytes], [0, 0]);
});

test('the oldest droppable item goes first, and others only when none is left', () => {
  const { queue, dropped } = open(2);
  queue.push(item(1, false));
  queue.push(item(2));
  queue.push(item(3));
  queue.push(item(4, false));
  queue.push(item(5, false));
  assert.deepEqual(sequences(dropped), [2, 3, 1]);
  queue.push(item(6));
  assert.deepEqual(sequences(dropped), [2, 3, 1, 6]);
  assert.deepEqual(sequences(queue.take(all)), [4, 5]);
});

test('bytes bound it too, and an item that is larger than all goes itself', () => {
  const { queue, dropped } = open(100, 10);
  queue.push(item(1, false, 6));
  queue.push(item(2, false, 6));
  queue.push(item(3, true, 11));
  assert.deepEqual(sequences(dropped), [1, 3]);
  assert.equal(queue.bytes, 6);
});

test('a take respects its bound but always gives something', () => {
  const { queue } = open(100);
  for (const at of [1, 2, 3]) queue.push(item(at, true, 5));
  assert.deepEqual(sequences(queue.take({ events: 9, bytes: 3 })), [1]);
  assert.deepEqual(sequences(queue.take({ events: 1, bytes: 99 })), [2]);
  assert.deepEqual(sequences(queue.take(all)), [3]);
  assert.deepEqual(queue.take(all), []);
});

test('what is put back comes out first again, within the bound', () => {
  const { queue, dropped } = open(3);
  for (const at of [1, 2, 3]) queue.push(item(at, at !== 2));
  const taken = queue.take({ events: 2, bytes: 99 });
  queue.push(item(4));
  queue.putBack(taken);
  assert.deepEqual(sequences(dropped), [1]);
  assert.deepEqual(sequences(queue.take(all)), [2, 3, 4]);
});

test('under any use nothing is lost unheard, the bound holds and the order stands', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('push'), droppable: fc.boolean(), bytes: fc.integer({ min: 1, max: 8 }) }),
    fc.record({
      kind: fc.constantFrom('take', 'retry'),
      droppable: fc.boolean(),
      bytes: fc.integer({ min: 1, max: 20 }),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
      const { queue, dropped } = open(1500, 4000);
      const seen: Queued[] = [];
      let pushed = 0;
      for (const { kind, droppable, bytes } of steps) {
        if (kind === 'push') {
          queue.push(item(pushed, droppable, bytes));
          pushed += 1;
          continue;
        }
        const taken = queue.take({ events: 3, bytes });
        if (kind === 'take') seen.push(...taken);
        else queue.putBack(taken);
      }
      assert.ok(queue.events <= 1500 && queue.bytes <= 4000);
      seen.push(...queue.take(all));
      assert.deepEqual(
        sequences(seen),
        sequences(seen).toSorted((a, b) => a - b),
      );
      assert.equal(new Set([...sequences(seen), ...sequences(dropped)]).size, pushed);
    }),
    { numRuns: 20 },
  );
});

test('a long queue stays in order while it is cut', () => {
  const { queue } = open(10_000);
  for (let at = 0; at < 5000; at += 1) queue.push(item(at));
  const first = queue.take({ events: 3000, bytes: 99_999 });
  for (let at = 5000; at < 5010; at += 1) queue.push(item(at));
  const rest = queue.take(all);
  assert.deepEqual(
    sequences([...first, ...rest]),
    Array.from({ length: 5010 }).map((_, at) => at),
  );
});
