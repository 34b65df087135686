// Texts about which libinjection is not asked: on no engine may it find anything in one of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { engines } from '../engines/index.ts';
import { isPlainId } from './plain-ids.ts';

const characters = [...'0123456789abcdefABCDEFtTzZ.:-'];
/** All that becomes a token of its own: words, numbers in each notation, what a number ends with, and signs. */
const tokens = ['a', 'F0', 'tz', '1', '0b1', '1e', '2e5', '1d', '-', ':', '.'] as const;
const sequences = (length: number): readonly string[] =>
  length === 0 ? [''] : sequences(length - 1).flatMap((start) => tokens.map((token) => start + token));

test('numbers, dates, addresses and ids are plain ids', () => {
  for (const text of [
    '',
    '42',
    '-1.5e-7',
    '2026-01-31',
    '2026-01-31T23:59:60.123Z',
    '192.0.2.1',
    '2001:db8:0:1:1:1:1:1',
    'a3f1c2d4-5b6e-4f70-8a9b-0000043f8258',
    'D41D8CD98F00B204E9800998ECF8427E',
  ])
    assert.ok(isPlainId(text), text);
});

test('comments, casts, keywords and all other characters are left to the engine', () => {
  for (const text of [
    '1--',
    'a--b',
    '1::a',
    'dec',
    '1-DEC',
    '1DATEADD',
    'cdate',
    '1 2',
    "1'",
    '1=1',
    '1_1',
    'x',
    '1\n',
    'é',
  ])
    assert.ok(!isPlainId(text), text);
});

for (const engine of Object.values(engines)) {
  const skip = engine.unavailable() ?? false;
  test(`${engine.name}: no plain id is SQL`, { skip }, (context) => {
    const { compiled } = engine.compile([{ operator: { kind: 'sqli' }, all: true }]);
    context.after(() => compiled.close());
    const foundIn = (texts: readonly string[]): readonly (string | undefined)[] => {
      const { hits, complete } = compiled.run(texts, [{ probe: 0, texts: [...texts.keys()] }], 60_000);
      assert.ok(complete);
      return hits.map(({ text }) => texts[text]);
    };
    assert.deepEqual(foundIn(["1' or '1'='1"]), ["1' or '1'='1"]);
    for (const length of [1, 2, 3, 4]) assert.deepEqual(foundIn(sequences(length).filter(isPlainId)), []);
    const text = fc.array(fc.constantFrom(...characters, ...tokens), { maxLength: 24 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 100, maxLength: 200 }), (texts) =>
        assert.deepEqual(foundIn(texts.filter(isPlainId)), []),
      ),
      { numRuns: 60 },
    );
  });
}
