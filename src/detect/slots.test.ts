import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Key, openHash } from './hash.ts';
import { openSlots } from './slots.ts';

const keyOf = (high: number): Key => ({ low: 0, high });

test('a key keeps its slot, and the least worthy one goes first', () => {
  const slots = openSlots(8);
  assert.equal(slots.size, 8);
  const given = Array.from({ length: 8 }, (_, index) => {
    const slot = ~slots.claim(keyOf(index + 1));
    slots.keep(slot, 50);
    return slot;
  });
  assert.equal(new Set(given).size, 8);
  for (const [index, slot] of given.entries()) {
    assert.equal(slots.claim(keyOf(index + 1)), slot);
    assert.equal(slots.find(keyOf(index + 1)), slot);
    slots.keep(slot, index === 3 ? 1 : 100);
  }
  assert.equal(~slots.claim(keyOf(99)), given[3]);
  assert.equal(slots.find(keyOf(4)), -1);
});

test('hashes are numbers that differ by text and by seed, and are never 0', () => {
  const hash = openHash(1);
  const texts = Array.from({ length: 20_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  assert.equal(new Set(texts.map(hash)).size, texts.length);
  assert.ok(texts.map(hash).every((each) => Number.isSafeInteger(each) && each > 0));
  assert.notEqual(hash('a'), openHash(2)('a'));
  assert.equal(hash('a'), openHash(1)('a'));
});
