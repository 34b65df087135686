import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prune } from './prune.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('members at the paths are gone, also below lists, and the rest is shared', () => {
  const value = { a: { b: 1, c: 2 }, list: [{ x: 1, y: 2 }, { x: 3 }], d: { e: 1 } };
  const pruned = prune(value, [
    ['a', 'b'],
    ['list', 0, 'x'],
    ['nowhere', 'x'],
  ]);
  assert.deepEqual(plain(pruned), { a: { c: 2 }, list: [{ y: 2 }, { x: 3 }], d: { e: 1 } });
  assert.equal(Object.getPrototypeOf(pruned), null);
  assert.equal(value.a.b, 1);
  assert.ok(typeof pruned === 'object' && pruned !== null && 'd' in pruned && pruned.d === value.d);
});

test('nothing to take away, and nothing to take it from', () => {
  const value = { a: 1 };
  assert.equal(prune(value, []), value);
  assert.equal(prune('text', [['a']]), 'text');
});
