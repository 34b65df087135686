import type { Address } from './address.ts';
import { type Boundaries, sweep } from './address-sweep.ts';
import type { PrefixColumns } from './prefix-columns.ts';

/** The boundaries of one family, and what narrows the search among them. */
interface PackedFamily extends Boundaries {
  /**
   * Empty for small tables. IPv4: for each value of the first 16 bits, and one more, the place of the boundary in force where it
   * begins. IPv6, whose first bits are all alike: every so many starts, side by side.
   */
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

// Below, an index would be larger than the table.
const indexedFrom = 4096;
const slots = 2 ** 16;
const sampled = 64;

const noIndex = (): Uint32Array<ArrayBuffer> => new Uint32Array(0);

function index4({ starts, owners }: Boundaries): Uint32Array<ArrayBuffer> {
  if (owners.length < indexedFrom) return noIndex();
  const index = new Uint32Array(slots + 1).fill(owners.length - 1);
  let place = 0;
  for (let slot = 0; slot < slots; slot++) {
    while (place + 1 < starts.length && (starts[place + 1] ?? 0) <= slot * 0x10000) place += 1;
    index[slot] = place;
  }
  return index;
}

function index6({ starts, owners }: Boundaries): Uint32Array<ArrayBuffer> {
  if (owners.length < indexedFrom) return noIndex();
  const index = new Uint32Array(Math.ceil(owners.length / sampled) * 4);
  for (let at = 0; at < index.length; at += 4) index.set(starts.subarray(at * sampled, at * sampled + 4), at);
  return index;
}

/** Packs prefixes, however many; their columns are not needed any more. */
export function packAddresses(columns: PrefixColumns): PackedAddresses {
  const [v4, v6] = [sweep(columns.v4), sweep(columns.v6)];
  return { v4: { ...v4, index: index4(v4) }, v6: { ...v6, index: index6(v6) } };
}

/** The buffers of packed prefixes, for handing them over to another thread. */
export const buffersOf = ({ v4, v6 }: PackedAddresses): readonly ArrayBuffer[] =>
  [v4, v6].flatMap(({ starts, owners, index }) => [starts.buffer, owners.buffer, index.buffer]);

function find4({ starts, owners, index }: PackedFamily, word: number): number {
  let low = 0;
  let high = owners.length;
  if (index.length > 0) {
    const slot = word >>> 16;
    low = index[slot] ?? 0;
    high = (index[slot + 1] ?? 0) + 1;
  }
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) > word) high = middle;
    else low = middle;
  }
  return owners[low] ?? 0;
}

/** The place of the last of some starts, from low to before high, that is not behind an address. */
function lastBefore(starts: Uint32Array, from: number, to: number, words: readonly number[]): number {
  const [a = 0, b = 0, c = 0, d = 0] = words;
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const at = middle * 4;
    const difference =
      (starts[at] ?? 0) - a || (starts[at + 1] ?? 0) - b || (starts[at + 2] ?? 0) - c || (starts[at + 3] ?? 0) - d;
    if (difference > 0) high = middle;
    else low = middle;
  }
  return low;
}

function find6({ starts, owners, index }: PackedFamily, words: readonly number[]): number {
  if (index.length === 0) return owners[lastBefore(starts, 0, owners.length, words)] ?? 0;
  const from = lastBefore(index, 0, index.length / 4, words) * sampled;
  return owners[lastBefore(starts, from, Math.min(from + sampled, owners.length), words)] ?? 0;
}

/** Opens packed prefixes for lookups, at no cost. IPv4 and IPv6 are apart: `::/0` holds no IPv4 address, mapped ones included. */
export const openAddressTable = ({ v4, v6 }: PackedAddresses): AddressTable => ({
  find: ({ family, words }) => (family === 4 ? find4(v4, words[0] ?? 0) : find6(v6, words)),
});
