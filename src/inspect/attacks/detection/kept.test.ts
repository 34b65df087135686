import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKept } from './kept.ts';

test('what is asked for again and again stays, whatever comes between', () => {
  const kept = openKept<number>(10);
  kept.set('header', 1);
  for (let call = 0; call < 1000; call += 1) {
    kept.set(`id ${call}`, call);
    assert.equal(kept.get('header'), 1);
  }
});

test('no more than two generations are kept, the latest', () => {
  const kept = openKept<number>(10);
  const names = Array.from({ length: 95 }, (_, index) => `id ${index}`);
  for (const [index, name] of names.entries()) kept.set(name, index);
  assert.deepEqual(
    names.slice(-10).map((name) => kept.get(name)),
    Array.from({ length: 10 }, (_, index) => 85 + index),
  );
  assert.equal(kept.get('id 79'), undefined);
  assert.equal(kept.get('id 0'), undefined);
});
