import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, type Prefix, parsePrefix } from '../../core/address.ts';
import { createPrefixIndex } from './prefix-index.ts';

const prefixOf = (host: number, length: number): Prefix => {
  const word = length === 0 ? 0 : (host & (-1 << (32 - length))) >>> 0;
  const octets = [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.');
  return parsePrefix(`${octets}/${length}`) ?? assert.fail(octets);
};
const holds = ({ address, length }: Prefix, word: number): boolean =>
  length === 0 || (((address.words[0] ?? 0) ^ word) & (-1 << (32 - length))) === 0;

test('what is found is the longest of the prefixes that are there, however they came and went', () => {
  const host = fc.nat({ max: 40 }).map((low) => 0xc633_6400 + low * 7);
  const step = fc.record({ host, length: fc.integer({ min: 0, max: 32 }), goes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.array(host, { maxLength: 20 }), (steps, asked) => {
      const index = createPrefixIndex<string>();
      const there = new Map<string, Prefix>();
      for (const { host: from, length, goes } of steps) {
        const prefix = prefixOf(from, length);
        if (goes) there.delete(prefix.text);
        else there.set(prefix.text, prefix);
        if (goes) index.remove(prefix);
        else index.put(prefix, prefix.text);
      }
      for (const word of asked) {
        const address: Address = { family: 4, words: [word] };
        const [longest] = [...there.values()]
          .filter((prefix) => holds(prefix, word))
          .toSorted((one, other) => other.length - one.length);
        assert.equal(
          index.find(address, () => true),
          longest?.text,
        );
      }
    }),
  );
});

test('of very many that came and went, those that are there are found', () => {
  const index = createPrefixIndex<number>();
  const at = (word: number): Prefix => prefixOf(0x0a00_0000 + word, 32);
  for (let word = 0; word < 5000; word += 1) {
    index.put(at(word), word);
    if (word >= 100) index.remove(at(word - 100));
  }
  const found = Array.from({ length: 5000 }, (_, word) => index.find(at(word).address, () => true));
  assert.deepEqual(
    found,
    found.map((_, word) => (word >= 4900 ? word : undefined)),
  );
});
