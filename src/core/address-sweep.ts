import { numberAt } from './number-at.ts';
import type { FamilyColumns } from './prefix-columns.ts';

/** Where the answer changes in one family: from each start to the next one, the owner is the same. */
export interface Boundaries {
  /** Ascending, one word for IPv4 and four for IPv6; the first is 0. */
  readonly starts: Uint32Array<ArrayBuffer>;
  /** 0: nobody's. Else as ownerOf makes them. */
  readonly owners: Uint32Array<ArrayBuffer>;
}

const ownerOf = (list: number, length: number): number => list * 256 + length + 1;

/** The list of an owner that is not 0. */
export const listOf = (owner: number): number => (owner - 1) >>> 8;

/** The length of the prefix of an owner that is not 0. */
export const lengthOf = (owner: number): number => (owner - 1) & 0xff;

// Below, clearing the counts of a radix sort costs more than it gains.
const radixFrom = 256;

/** One pass of a radix sort: the places, stable, by one byte of what stands there; as they are where all have the same. */
function sortByByte(
  places: Uint32Array<ArrayBuffer>,
  values: Uint32Array | Uint8Array,
  stride: number,
  offset: number,
  shift: number,
): Uint32Array<ArrayBuffer> {
  const size = places.length;
  const counts = new Uint32Array(257);
  for (let at = 0; at < size; at++) {
    const byte = (numberAt(values, at * stride + offset) >>> shift) & 0xff;
    counts[byte + 1] = numberAt(counts, byte + 1) + 1;
  }
  if (counts.includes(size)) return places;
  for (let byte = 1; byte < 257; byte++) counts[byte] = numberAt(counts, byte) + numberAt(counts, byte - 1);
  const sorted = new Uint32Array(size);
  for (let at = 0; at < size; at++) {
    const place = numberAt(places, at);
    const byte = (numberAt(values, place * stride + offset) >>> shift) & 0xff;
    const next = numberAt(counts, byte);
    sorted[next] = place;
    counts[byte] = next + 1;
  }
  return sorted;
}

/** The places of the prefixes in ascending order, outer ones before those that they hold, equals as they came. */
function sortedPlaces({ width, size, words, lengths }: FamilyColumns): Uint32Array {
  let places = new Uint32Array(size);
  for (let at = 0; at < size; at++) places[at] = at;
  if (size < radixFrom) {
    return places.sort(
      (a, b) => compare(words, a * width, words, b * width, width) || numberAt(lengths, a) - numberAt(lengths, b),
    );
  }
  places = sortByByte(places, lengths.subarray(0, size), 1, 0, 0);
  for (let word = width - 1; word >= 0; word--) {
    for (let shift = 0; shift < 32; shift += 8) places = sortByByte(places, words, width, word, shift);
  }
  return places;
}

/** Less than 0, 0 or more than 0, as the address at one place is before, at or behind the one at another. */
function compare(a: Uint32Array, atA: number, b: Uint32Array, atB: number, width: number): number {
  for (let word = 0; word < width; word++) {
    const difference = numberAt(a, atA + word) - numberAt(b, atB + word);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Writes the last address of a prefix. */
function writeLast(
  into: Uint32Array,
  at: number,
  words: Uint32Array,
  from: number,
  length: number,
  width: number,
): void {
  for (let word = 0; word < width; word++) {
    const kept = Math.min(32, Math.max(0, length - word * 32));
    const mask = kept === 32 ? 0 : 0xffff_ffff >>> kept;
    into[at + word] = numberAt(words, from + word) | mask;
  }
}

/** Writes the address that follows; false: there is none. */
function writeNext(into: Uint32Array, last: Uint32Array, at: number, width: number): boolean {
  let carry = 1;
  for (let word = width - 1; word >= 0; word--) {
    const sum = numberAt(last, at + word) + carry;
    into[word] = sum;
    carry = sum > 0xffff_ffff ? 1 : 0;
  }
  return carry === 0;
}

// As many prefixes hold an address at most: one of each length.
const deepest = 129;

/**
 * Finds where the answer changes, in one sweep over the sorted prefixes. Prefixes lie apart or one in the other: those that
 * hold the place of the sweep are a stack, and the top of it owns what comes.
 */
export function sweep(columns: FamilyColumns): Boundaries {
  const { width, size, words, lengths, lists } = columns;
  // A prefix begins at one boundary and ends at another.
  const starts = new Uint32Array((2 * size + 1) * width);
  const owners = new Uint32Array(2 * size + 1);
  let count = 1;
  const room = Math.min(size, deepest);
  const lasts = new Uint32Array(room * width);
  const openOwners = new Uint32Array(room);
  let depth = 0;
  const next = new Uint32Array(width);

  const begin = (from: Uint32Array, at: number, owner: number): void => {
    if (compare(starts, (count - 1) * width, from, at, width) === 0) count -= 1;
    if (count > 0 && owners[count - 1] === owner) return;
    for (let word = 0; word < width; word++) starts[count * width + word] = numberAt(from, at + word);
    owners[count] = owner;
    count += 1;
  };
  const close = (): void => {
    depth -= 1;
    const follows = writeNext(next, lasts, depth * width, width);
    if (follows) begin(next, 0, depth === 0 ? 0 : numberAt(openOwners, depth - 1));
  };
  let before = -1;
  for (const place of sortedPlaces(columns)) {
    const from = place * width;
    const length = numberAt(lengths, place);
    // Of equal prefixes the first counts.
    if (before >= 0 && lengths[before] === length && compare(words, before * width, words, from, width) === 0) continue;
    before = place;
    while (depth > 0 && compare(lasts, (depth - 1) * width, words, from, width) < 0) close();
    const owner = ownerOf(numberAt(lists, place), length);
    writeLast(lasts, depth * width, words, from, length, width);
    openOwners[depth] = owner;
    depth += 1;
    begin(words, from, owner);
  }
  while (depth > 0) close();
  return { starts: starts.slice(0, count * width), owners: owners.slice(0, count) };
}
