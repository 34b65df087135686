import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskOfText, meets } from '../gate/mask.ts';
import { transforms } from '../rule.ts';
import { byteView } from '../transforms/bytes.ts';
import { transformations } from '../transforms/index.ts';
import { touchedBy } from './touches.ts';

const signs = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const characters = fc.constantFrom(...signs, 'é', '\u00a0', '\u017f', '\u212a', '\u2003', 'ﬁ', '😀', '\ud800');
const parts = fc.constantFrom(
  '/*',
  '*/',
  '--',
  '<!--',
  '-->',
  '..',
  './',
  '0x61',
  '%41',
  '&lt;',
  '\\x41',
  '  ',
  '\\u0041',
);
const texts = fc.array(fc.oneof(characters, parts), { maxLength: 6 }).map((all) => all.join(''));

for (const step of [...transforms, 'bytes'] as const) {
  test(`${step}: a text without the characters that it touches stays as it is`, () => {
    const change = step === 'bytes' ? byteView : transformations[step];
    const touches = touchedBy(step);
    const isSafe = (text: string): boolean =>
      touches === undefined || meets(touches, maskOfText(text)) || change(text) === text;
    assert.ok(isSafe(''));
    fc.assert(fc.property(texts, isSafe), { numRuns: 400 });
  });
}
