import assert from 'node:assert/strict';
import { test } from 'node:test';
import { singleHeader } from './attributes.ts';

test('a header that stands once has a single value, also an empty one', () => {
  assert.equal(singleHeader(new Map([['x-key', ['a']]]), 'x-key'), 'a');
  assert.equal(singleHeader(new Map([['x-key', ['']]]), 'x-key'), '');
});

test('a header that is absent or stands twice has none', () => {
  assert.equal(singleHeader(new Map(), 'x-key'), undefined);
  assert.equal(singleHeader(new Map([['x-key', []]]), 'x-key'), undefined);
  assert.equal(singleHeader(new Map([['x-key', ['a', 'a']]]), 'x-key'), undefined);
});

test('names that objects inherit are no headers', () => {
  assert.equal(singleHeader(new Map(), 'toString'), undefined);
});
