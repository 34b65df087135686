import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frozen, isObject, own } from './json.ts';

test('an object is what has members, with or without a prototype', () => {
  for (const value of [{}, { a: 1 }, Object.create(null)]) assert.equal(isObject(value), true);
  for (const value of [null, undefined, [], 'text', 1, true, () => {}]) assert.equal(isObject(value), false);
});

test('a member is one that the object has itself', () => {
  const members: Readonly<Record<string, unknown>> = { a: 1, nothing: undefined };
  assert.equal(own(members, 'a'), 1);
  for (const name of ['b', 'nothing', 'toString', 'constructor', '__proto__'])
    assert.equal(own(members, name), undefined);
  assert.equal(own(JSON.parse('{"__proto__": 2}'), '__proto__'), 2);
});

test('a value is frozen down to its leaves', () => {
  const inner = ['a', { b: 1 }];
  const value = frozen({ inner, nothing: null });
  for (const part of [value, inner, inner[1]]) assert.ok(Object.isFrozen(part));
});
