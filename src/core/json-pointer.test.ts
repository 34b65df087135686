import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathOfPointer } from './json-pointer.ts';

test('a segment is an index where the document has a list, and a name elsewhere', () => {
  const document = { rules: [{ id: 'a', 7: ['x'] }] };
  assert.deepEqual(pathOfPointer('', document), []);
  assert.deepEqual(pathOfPointer('/rules/0/7/0', document), ['rules', 0, '7', 0]);
});

test('escapes are undone, each once', () => {
  assert.deepEqual(pathOfPointer('/a~1b/~0/~01', {}), ['a/b', '~', '~1']);
});

test('a place that does not exist has names alone', () => {
  assert.deepEqual(pathOfPointer('/a/0/1', { a: null }), ['a', '0', '1']);
  assert.deepEqual(pathOfPointer('/0', 'text'), ['0']);
});
