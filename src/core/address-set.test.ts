import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Address, type Prefix, parseAddress, parsePrefix } from './address.ts';
import { createAddressSet } from './address-set.ts';

const prefix = (text: string): Prefix => parsePrefix(text) ?? assert.fail(text);
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text);
const setOf = (...texts: string[]) => createAddressSet(texts.map((text, list) => ({ prefix: prefix(text), list })));

const find = (set: ReturnType<typeof setOf>, text: string): string | undefined => set.find(address(text))?.prefix.text;

test('an empty set holds nothing', () => {
  assert.equal(find(setOf(), '192.0.2.1'), undefined);
  assert.equal(find(setOf(), '::1'), undefined);
});

test('the edges of a prefix belong to it, the neighbours do not', () => {
  const set = setOf('198.51.100.0/24', '2001:db8:1::/48');
  assert.equal(find(set, '198.51.99.255'), undefined);
  assert.equal(find(set, '198.51.100.0'), '198.51.100.0/24');
  assert.equal(find(set, '198.51.100.255'), '198.51.100.0/24');
  assert.equal(find(set, '198.51.101.0'), undefined);
  assert.equal(find(set, '2001:db8:0:ffff:ffff:ffff:ffff:ffff'), undefined);
  assert.equal(find(set, '2001:db8:1::'), '2001:db8:1::/48');
  assert.equal(find(set, '2001:db8:1:ffff:ffff:ffff:ffff:ffff'), '2001:db8:1::/48');
  assert.equal(find(set, '2001:db8:2::'), undefined);
});

test('the ends of the address space are found', () => {
  const set = setOf('0.0.0.0', '255.255.255.255', '::', 'ffff::/16');
  assert.equal(find(set, '0.0.0.0'), '0.0.0.0');
  assert.equal(find(set, '0.0.0.1'), undefined);
  assert.equal(find(set, '255.255.255.255'), '255.255.255.255');
  assert.equal(find(set, '255.255.255.254'), undefined);
  assert.equal(find(set, '::'), '::');
  assert.equal(find(set, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'), 'ffff::/16');
});

test('the longest prefix is named, and the outer one again behind it', () => {
  const set = setOf('10.0.0.0/8', '10.0.0.0/16', '10.1.2.3', '10.255.0.0/16', '0.0.0.0/0');
  assert.equal(find(set, '10.0.9.9'), '10.0.0.0/16');
  assert.equal(find(set, '10.1.2.3'), '10.1.2.3');
  assert.equal(find(set, '10.1.2.4'), '10.0.0.0/8');
  assert.equal(find(set, '10.255.255.255'), '10.255.0.0/16');
  assert.equal(find(set, '11.0.0.0'), '0.0.0.0/0');
});

test('of equal prefixes the first is named', () => {
  assert.equal(setOf('10.0.0.0/8', '::ffff:10.0.0.0/104').find(address('10.1.1.1'))?.list, 0);
});

test('many prefixes are found whether they have their first bits in common, a whole word of them, or none', () => {
  const many = (write: (at: number) => string): readonly string[] => Array.from({ length: 200 }, (_, at) => write(at));
  const inSpace = (text: string): string => text.replace(/\/\d+$/, '');
  for (const texts of [
    many((at) => `${at + 1}.0.0.0/8`),
    many((at) => `10.${at + 1}.0.0/16`),
    many((at) => `2001:db8:${(at + 1).toString(16)}00::/40`),
    many((at) => `2001:db8:1:${(at + 1).toString(16)}::/64`),
  ]) {
    const set = setOf(...texts);
    for (const text of texts) assert.equal(find(set, inSpace(text)), text);
    for (const text of ['0.0.0.1', '255.0.0.1', '10.0.0.1', '::1', '2001:db8::1', '2002::1']) {
      const holder = texts.find((one) => setOf(one).find(address(text)) !== undefined);
      assert.equal(find(set, text), holder);
    }
  }
});

test('neighbours that touch keep their names', () => {
  const set = setOf('10.0.0.0/25', '10.0.0.128/25');
  assert.equal(find(set, '10.0.0.127'), '10.0.0.0/25');
  assert.equal(find(set, '10.0.0.128'), '10.0.0.128/25');
});

test('IPv4 is not part of IPv6, and a mapped address is IPv4', () => {
  assert.equal(find(setOf('::/0'), '10.0.0.1'), undefined);
  assert.equal(find(setOf('::/0'), '::ffff:10.0.0.1'), undefined);
  assert.equal(find(setOf('10.0.0.0/8'), '::ffff:10.0.0.1'), '10.0.0.0/8');
});

test('the set answers as a look at every prefix does', () => {
  // A small corner of the space, so that prefixes nest, touch and repeat.
  const v4Prefix = fc
    .tuple(fc.nat(255), fc.integer({ min: 22, max: 32 }))
    .map(([low, length]) => `10.0.0.${length < 24 ? 0 : low - (low % 2 ** (32 - length))}/${length}`);
  const v6Prefix = fc
    .tuple(fc.nat(255), fc.integer({ min: 112, max: 128 }))
    .map(([low, length]) => `2001:db8::${(low - (low % 2 ** Math.min(8, 128 - length))).toString(16)}/${length}`);
  const texts = fc.array(fc.oneof(v4Prefix, v6Prefix), { maxLength: 24 });
  fc.assert(
    fc.property(texts, fc.nat(255), (prefixTexts, low) => {
      const set = setOf(...prefixTexts);
      for (const text of [`10.0.0.${low}`, `2001:db8::${low.toString(16)}`]) {
        const { family, words } = address(text);
        const holds = ({ address: first, length }: Prefix): boolean => {
          const hosts = 2 ** Math.min(32, first.words.length * 32 - length);
          const base = first.words.at(-1) ?? 0;
          const last = words.at(-1) ?? 0;
          return first.family === family && last >= base && last < base + hosts;
        };
        const lengths = prefixTexts.map(prefix).filter(holds);
        const longest = Math.max(-1, ...lengths.map(({ length }) => length));
        assert.equal(set.find({ family, words })?.prefix.length ?? -1, longest, text);
      }
    }),
  );
});
