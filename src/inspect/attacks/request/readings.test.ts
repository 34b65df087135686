import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readingsOf } from './readings.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const attack = "1' or '1'='1";

test('a plain text has one reading', () => {
  for (const text of ['', 'abc', "it's 5 > 4", '100% wool', 'created_at_desc', 'blue running shoes'])
    assert.deepEqual(readingsOf(text, 2), { texts: [text], excessive: false });
});

test('layers of percent-encoding are undone, up to as many as there may be', () => {
  assert.deepEqual(readingsOf('%253Ca', 2).texts, ['%253Ca', '%3Ca', '<a']);
  assert.deepEqual(readingsOf('%u003ca', 1), { texts: ['%u003ca', '<a'], excessive: false });
  assert.deepEqual(readingsOf('%253Ca', 1), { texts: ['%253Ca', '%3Ca'], excessive: true });
  const beacon = ['p%253D1%2526q', 'p%3D1%26q', 'p=1&q'];
  assert.deepEqual(readingsOf('p%253D1%2526q', 1), { texts: beacon, excessive: false }, 'an address within another');
  assert.equal(readingsOf('p%253D1%2527', 1).excessive, true);
  assert.deepEqual(readingsOf('a+b%20c', 1).texts, ['a+b%20c', 'a+b c'], 'a plus is no blank any more');
});

test('wide letters are plain ones, and so are those that a change of case makes plain', () => {
  assert.deepEqual(readingsOf('＜ſcrıpt＞', 1).texts, ['＜ſcrıpt＞', '<script>']);
  assert.deepEqual(readingsOf('SCRİPT', 1).texts, ['SCRİPT', 'SCRIPT']);
});

test('what is Base64 of a text as a whole is read as that text, in either alphabet, padded or not', () => {
  const wide = `${attack} -- ÿ?>~ÿ?>`;
  for (const text of [attack, wide, 'a\r\n\tb, c, d, e']) {
    const written = base64(text);
    for (const form of [written, written.replace(/=+$/, ''), Buffer.from(text).toString('base64url')])
      assert.ok(readingsOf(form, 1).texts.includes(text), form);
    assert.ok(readingsOf(written.replaceAll('+', ' '), 1).texts.includes(text), 'a plus that became a blank');
    assert.ok(readingsOf(written.replaceAll('=', '%3D'), 1).texts.includes(text), 'its end percent-encoded');
  }
  assert.ok(readingsOf(base64('＜script＞'), 1).texts.includes('<script>'), 'with wide letters within');
});

test('it is read so once, and only where the bytes are text and the whole is Base64', () => {
  const none = [
    base64('short'),
    base64('a\0bcdefghijk'),
    base64('\u0085bcdefghijk'),
    Buffer.from([0xff, 0xfe, ...Buffer.from('abcdefghijkl')]).toString('base64'),
    `${base64(attack)}.${base64(attack)}`,
    `x=${base64(attack)}`,
    base64(attack.repeat(400)),
  ];
  for (const text of none) assert.deepEqual(readingsOf(text, 1).texts, [text]);
  assert.deepEqual(readingsOf(base64(base64(attack)), 1).texts, [base64(base64(attack)), base64(attack)]);
});

test('random keys and ids are hardly ever read as anything else', () => {
  const other = fc
    .sample(fc.uint8Array({ minLength: 9, maxLength: 40 }), { numRuns: 5000, seed: 1 })
    .filter((bytes) => {
      const text = Buffer.from(bytes).toString('base64');
      return readingsOf(text, 1).texts.length > 1;
    });
  assert.ok(other.length < 25, String(other.length));
});

test('no text makes it throw, and the text itself comes first', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), fc.string()), fc.nat(2), (text, layers) => {
      const { texts } = readingsOf(text, layers);
      assert.equal(texts[0], text);
      assert.ok(texts.length <= 16);
    }),
  );
});
