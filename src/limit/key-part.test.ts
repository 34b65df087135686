import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyPart } from './key-part.ts';

const values = fc.option(fc.oneof(fc.string(), fc.constantFrom('-', '1:a', '0:', 'a|1:b', '', `h${'x'.repeat(43)}`)), {
  nil: undefined,
});
const join = (parts: readonly (string | undefined)[]): string => parts.map(keyPart).join('|');

test('different lists of values never give the same key', () => {
  const lists = fc.array(values, { maxLength: 4 });
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const same = a.length === b.length && a.every((value, index) => value === b[index]);
      // The empty list and the list of nothing are told apart by the number of references, which a key holds.
      if (!same && a.length === b.length) assert.notEqual(join(a), join(b));
    }),
  );
  assert.notEqual(join(['a|1:b']), join(['a', 'b']));
  assert.notEqual(join(['-']), join([undefined]));
  assert.notEqual(join(['']), join([undefined]));
});

test('a key stays short and printable', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (value) => {
      assert.match(keyPart(value), /^[\x21-\x7e]{2,52}$/);
    }),
  );
});
