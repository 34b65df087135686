import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatChallenge } from './credential.ts';

test('a challenge without parameters is its scheme', () => {
  assert.equal(formatChallenge({ scheme: 'Bearer', parameters: {} }), 'Bearer');
});

test('parameters are quoted strings in their order', () => {
  const parameters = { realm: 'orders', error: 'invalid_token' };
  assert.equal(formatChallenge({ scheme: 'Bearer', parameters }), 'Bearer realm="orders", error="invalid_token"');
});

test('a value cannot leave its quotes or its line', () => {
  const parameters = { realm: 'a"b\\c\r\nset-cookie: d\u0000\u007fé' };
  assert.equal(formatChallenge({ scheme: 'Bearer', parameters }), 'Bearer realm="a\\"b\\\\cset-cookie: d"');
});
