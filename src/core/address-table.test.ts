import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Address } from './address.ts';
import { lengthOf, listOf } from './address-sweep.ts';
import { buffersOf, openAddressTable, packAddresses } from './address-table.ts';
import { openPrefixColumns } from './prefix-columns.ts';

interface Range {
  readonly address: Address;
  readonly length: number;
}

const bits = ({ words }: Address): bigint => words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
const addressOf = (family: 4 | 6, value: bigint): Address => ({
  family,
  words: (family === 4 ? [0n] : [96n, 64n, 32n, 0n]).map((shift) => Number((value >> shift) & 0xffff_ffffn)),
});
const sizeOf = (family: 4 | 6): bigint => (family === 4 ? 32n : 128n);

function rangeOf(family: 4 | 6, value: bigint, length: number): Range {
  const hosts = sizeOf(family) - BigInt(length);
  return { address: addressOf(family, (value >> hosts) << hosts), length };
}

/** The plain reference: a look at every prefix; the place of the longest that holds the address, the first of equals. */
function reference(ranges: readonly Range[], address: Address): number | undefined {
  let best: number | undefined;
  for (const [place, range] of ranges.entries()) {
    const hosts = sizeOf(address.family) - BigInt(range.length);
    if (range.address.family !== address.family || bits(range.address) >> hosts !== bits(address) >> hosts) continue;
    if (best === undefined || range.length > (ranges[best]?.length ?? 0)) best = place;
  }
  return best;
}

function tableOf(ranges: readonly Range[]) {
  const columns = openPrefixColumns();
  for (const [list, range] of ranges.entries()) columns.add(range, list);
  return openAddressTable(packAddresses(columns));
}

/** The address itself, its neighbours and the ends of its space. */
const around = (family: 4 | 6, value: bigint): readonly bigint[] => {
  const last = (1n << sizeOf(family)) - 1n;
  return [value, value - 1n, value + 1n, 0n, last].filter((one) => one >= 0n && one <= last);
};

const family = fc.constantFrom<(4 | 6)[]>(4, 6);
// Bytes of few values make prefixes nest, touch and repeat, in every word.
const byte = fc.constantFrom(0n, 0n, 1n, 0x80n, 0xffn);
const valueIn = (one: 4 | 6) =>
  fc
    .array(byte, { minLength: Number(sizeOf(one)) / 8, maxLength: Number(sizeOf(one)) / 8 })
    .map((bytes) => bytes.reduce<bigint>((sum, part) => (sum << 8n) | part, 0n));
const range = family.chain((one) =>
  fc
    .tuple(valueIn(one), fc.integer({ min: 0, max: Number(sizeOf(one)) }))
    .map(([value, length]) => rangeOf(one, value, length)),
);

const agree = (ranges: readonly Range[], table: ReturnType<typeof tableOf>, address: Address): void => {
  const owner = table.find(address);
  const expected = reference(ranges, address);
  assert.equal(owner === 0 ? undefined : listOf(owner), expected);
  if (expected !== undefined) assert.equal(lengthOf(owner), ranges[expected]?.length);
};

test('a table answers as a look at every prefix does', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), valueIn(4), valueIn(6), (ranges, v4, v6) => {
      const table = tableOf(ranges);
      const seen = [...ranges.map(({ address }) => address), addressOf(4, v4), addressOf(6, v6)];
      for (const { family: one, words } of seen) {
        for (const value of around(one, bits({ family: one, words }))) agree(ranges, table, addressOf(one, value));
      }
    }),
    { numRuns: 300 },
  );
});

test('a large table, with its index and its sort, answers as a small one', () => {
  // A simple generator: what it gives is the same in every run.
  let state = 1;
  const random = (): bigint => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return BigInt(state >>> 8);
  };
  for (const one of [4, 6] as const) {
    const value = (): bigint =>
      one === 4 ? (random() << 8n) | (random() % 256n) : (0x2001_0db8n << 96n) | (random() << 72n) | (random() << 40n);
    const ranges = Array.from({ length: 3000 }, (_, at) =>
      rangeOf(one, value(), one === 4 ? 12 + (at % 21) : 40 + (at % 89)),
    );
    const table = tableOf(ranges);
    for (let at = 0; at < 100; at++) agree(ranges, table, addressOf(one, value()));
    for (const { address } of ranges.slice(0, 20)) {
      for (const near of around(one, bits(address))) agree(ranges, table, addressOf(one, near));
    }
  }
});

test('a table can be handed over between threads', () => {
  const columns = openPrefixColumns();
  columns.add(rangeOf(4, 0x0a00_0000n, 8), 7);
  const packed = packAddresses(columns);
  const there = structuredClone(packed, { transfer: [...buffersOf(packed)] });
  assert.equal(packed.v4.starts.length, 0);
  assert.equal(listOf(openAddressTable(there).find(addressOf(4, 0x0a01_0203n))), 7);
});
