import type { Address } from './address.ts';
import { type Boundaries, sweep } from './address-sweep.ts';
import { numberAt } from './number-at.ts';
import type { PrefixColumns } from './prefix-columns.ts';

/** The boundaries of one family, and an index by the bits in which they differ. */
interface PackedFamily extends Boundaries {
  /** Bits that all starts but the first, 0, have in common; the index is by those that follow. */
  readonly skipped: number;
  /** How many bits it is by; 0: there is none. */
  readonly bits: number;
  /** For each value of those bits, and one more, how many starts have a smaller one: the last of them is in force where it begins. */
  readonly index: Uint32Array<ArrayBuffer>;
}

/** Prefixes in a form whose lookup hardly depends on how many there are; plain arrays, which threads can hand over. */
export interface PackedAddresses {
  readonly v4: PackedFamily;
  readonly v6: PackedFamily;
}

/** Which prefix holds an address. */
export interface AddressTable {
  /** The owner (listOf, lengthOf) of the longest prefix that holds the address, the first of equals; 0: there is none. */
  find(address: Address): number;
}

// Below, a search is as fast.
const indexedFrom = 64;
// A larger index would be slower to reach than a search in what it leaves over.
const maxBits = 20;

/** Some bits of an address, from one of them on. */
function bitsOf(words: Uint32Array | readonly number[], at: number, skipped: number, bits: number): number {
  const word = at + (skipped >>> 5);
  const shift = skipped & 31;
  const high = numberAt(words, word) << shift;
  const low = shift === 0 ? 0 : numberAt(words, word + 1) >>> (32 - shift);
  return (high | low) >>> (32 - bits);
}

/** How many leading bits two different addresses have in common. */
function commonBits(words: Uint32Array, a: number, b: number): number {
  let word = 0;
  while (words[a + word] === words[b + word]) word += 1;
  return word * 32 + Math.clz32(numberAt(words, a + word) ^ numberAt(words, b + word));
}

function indexed(boundaries: Boundaries, width: number): PackedFamily {
  const { starts, owners } = boundaries;
  const count = owners.length;
  if (count < indexedFrom) return { ...boundaries, skipped: 0, bits: 0, index: new Uint32Array(0) };
  const bits = Math.min(maxBits, Math.floor(Math.log2(count)));
  // The starts ascend: what the second and the last have in common, all between them have.
  const skipped = Math.min(commonBits(starts, width, (count - 1) * width), width * 32 - bits);
  const index = new Uint32Array(2 ** bits + 1);
  for (let place = 1; place < count; place++) {
    const slot = bitsOf(starts, place * width, skipped, bits) + 1;
    index[slot] = numberAt(index, slot) + 1;
  }
  for (let slot = 1; slot < index.length; slot++) index[slot] = numberAt(index, slot) + numberAt(index, slot - 1);
  return { ...boundaries, skipped, bits, index };
}

/** Packs prefixes, however many; their columns are not needed any more. */
export const packAddresses = ({ v4, v6 }: PrefixColumns): PackedAddresses => ({
  v4: indexed(sweep(v4), v4.width),
  v6: indexed(sweep(v6), v6.width),
});

/** The buffers of packed prefixes, for handing them over to another thread. */
export const buffersOf = ({ v4, v6 }: PackedAddresses): readonly ArrayBuffer[] =>
  [v4, v6].flatMap(({ starts, owners, index }) => [starts.buffer, owners.buffer, index.buffer]);

/** Whether an address has the bits that all starts have in common. */
function sharesSkipped({ starts, skipped }: PackedFamily, words: readonly number[]): boolean {
  const whole = skipped >>> 5;
  for (let word = 0; word < whole; word++) if (words[word] !== starts[words.length + word]) return false;
  const rest = skipped & 31;
  return rest === 0 || (numberAt(words, whole) ^ numberAt(starts, words.length + whole)) >>> (32 - rest) === 0;
}

function findIn(family: PackedFamily, words: readonly number[]): number {
  const { starts, owners, index, skipped, bits } = family;
  let low = 0;
  let high = owners.length;
  if (bits > 0 && sharesSkipped(family, words)) {
    const slot = bitsOf(words, 0, skipped, bits);
    low = numberAt(index, slot);
    high = numberAt(index, slot + 1) + 1;
  }
  const place = words.length === 1 ? last4(starts, low, high, words) : last6(starts, low, high, words);
  return numberAt(owners, place);
}

/** The place of the last start, from low to before high, that is not behind an IPv4 address. */
function last4(starts: Uint32Array, from: number, to: number, words: readonly number[]): number {
  const word = numberAt(words, 0);
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (numberAt(starts, middle) > word) high = middle;
    else low = middle;
  }
  return low;
}

/** The same for IPv6. */
function last6(starts: Uint32Array, from: number, to: number, words: readonly number[]): number {
  // By their places: to take a list apart costs more than the search.
  const a = numberAt(words, 0);
  const b = numberAt(words, 1);
  const c = numberAt(words, 2);
  const d = numberAt(words, 3);
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const at = middle * 4;
    const difference =
      numberAt(starts, at) - a ||
      numberAt(starts, at + 1) - b ||
      numberAt(starts, at + 2) - c ||
      numberAt(starts, at + 3) - d;
    if (difference > 0) high = middle;
    else low = middle;
  }
  return low;
}

/** Opens packed prefixes for lookups, at no cost. IPv4 and IPv6 are apart: `::/0` holds no IPv4 address, mapped ones included. */
export const openAddressTable = ({ v4, v6 }: PackedAddresses): AddressTable => ({
  find: ({ family, words }) => findIn(family === 4 ? v4 : v6, words),
});
