import assert from 'node:assert/strict';
import { test } from 'node:test';
import { texts } from '../../../test/support/content.ts';

const type = 'application/graphql';

test('the strings of a document stand under the fields and arguments that hold them', () => {
  const document =
    'query q($v: String = "d") @x(y: "z") { a(i: "1", l: ["2", {m: "3"}]) { b: c(n: """4""") } ...f } fragment f on T { g(h: "5") }';
  assert.deepEqual(texts(type, document), [
    'value  d',
    'value /x/y z',
    'value /a/i 1',
    'value /a/l 2',
    'value /a/l/m 3',
    'value /a/c/n 4',
    'value /g/h 5',
  ]);
});

test('a document that is none, too deep or too long is refused before it is parsed', () => {
  assert.equal(texts(type, ''), 'syntax');
  assert.equal(texts(type, '{ a'), 'syntax');
  assert.equal(texts(type, '{ a }', { maxFields: 2 }), '+too_many_tokens');
  assert.equal(texts(type, `${'{a'.repeat(20_000)}${'}'.repeat(20_000)}`, { maxFields: 1e6 }), '+depth');
  assert.equal(texts(type, Uint8Array.of(0x7b, 0xff)), 'utf8');
});
