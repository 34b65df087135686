import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTop } from './top.ts';

interface Sum {
  hits: number;
}
const open = (size: number) =>
  openTop<Sum>(
    size,
    () => ({ hits: 0 }),
    (from, into) => {
      into.hits += from.hits;
    },
  );
const counted = (top: ReturnType<typeof open>): Record<string, number> =>
  Object.fromEntries([...top.entries()].map(([key, { hits }]) => [key, hits]));
function hit(top: ReturnType<typeof open>, key: string, times = 1): void {
  for (let time = 0; time < times; time += 1) top.hit(key).hits += 1;
}

test('while there is room, every key has its own value', () => {
  const top = open(3);
  hit(top, 'a', 2);
  hit(top, 'b');
  hit(top, '__proto__', 4);
  assert.deepEqual(
    [...top.entries()].map(([key, { hits }]) => [key, hits]),
    [
      ['a', 2],
      ['b', 1],
      ['__proto__', 4],
    ],
  );
  assert.equal(top.rest.hits, 0);
});

test('a new key takes the place of the rarest, whose value goes to the rest', () => {
  const top = open(2);
  hit(top, 'often', 10);
  hit(top, 'rare', 3);
  hit(top, 'new');
  assert.deepEqual(counted(top), { often: 10, new: 1 });
  assert.equal(top.rest.hits, 3);
});

test('who comes often stays, however many others come once, and nothing is lost', () => {
  const top = open(20);
  for (let index = 0; index < 20_000; index += 1) {
    hit(top, `passer-by ${index}`);
    if (index % 10 === 0) hit(top, 'regular');
  }
  const counts = counted(top);
  assert.equal(counts['regular'], 2000);
  assert.equal(Object.keys(counts).length, 20);
  assert.equal(
    Object.values(counts).reduce((sum, hits) => sum + hits, top.rest.hits),
    22_000,
  );
});
