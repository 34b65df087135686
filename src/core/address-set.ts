import type { Address, Prefix } from './address.ts';

/** Something that is told apart by a prefix. */
interface AddressEntry {
  readonly prefix: Prefix;
}

/** Prefixes in a form whose lookup hardly depends on how many there are. */
interface AddressSet<E extends AddressEntry> {
  /** The entry with the longest prefix that holds the address, the first of equals. */
  find(address: Address): E | undefined;
}

interface Span<E> {
  readonly entry: E;
  readonly first: bigint;
  readonly last: bigint;
}

interface Boundary<E> {
  readonly start: bigint;
  readonly owner: E | undefined;
}

function spanOf<E extends AddressEntry>(entry: E): Span<E> {
  const { address, length } = entry.prefix;
  const first = address.words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const last = first + (1n << BigInt(address.words.length * 32 - length)) - 1n;
  return { entry, first, last };
}

/** Outer spans before the ones that they hold; spans of prefixes never overlap in any other way. */
function byPlace(left: Span<unknown>, right: Span<unknown>): number {
  if (left.first !== right.first) return left.first < right.first ? -1 : 1;
  if (left.last === right.last) return 0;
  return left.last > right.last ? -1 : 1;
}

/** Where the answer changes, in ascending order: from each start to the next one, the owner is the same. */
function boundariesOf<E extends AddressEntry>(entries: readonly E[]): Boundary<E>[] {
  const boundaries: Boundary<E>[] = [{ start: 0n, owner: undefined }];
  const open: Span<E>[] = [];
  const begin = (start: bigint, owner: E | undefined) => {
    if (boundaries.at(-1)?.start === start) boundaries.pop();
    if (boundaries.at(-1)?.owner !== owner) boundaries.push({ start, owner });
  };
  const closeBefore = (start: bigint | undefined) => {
    for (let top = open.at(-1); top !== undefined && (start === undefined || top.last < start); top = open.at(-1)) {
      open.pop();
      begin(top.last + 1n, open.at(-1)?.entry);
    }
  };
  for (const span of entries.map(spanOf).sort(byPlace)) {
    closeBefore(span.first);
    const outer = open.at(-1);
    if (outer?.first === span.first && outer.last === span.last) continue;
    open.push(span);
    begin(span.first, span.entry);
  }
  closeBefore(undefined);
  return boundaries;
}

type Lookup<E> = (words: readonly number[]) => E | undefined;

function lookupIn<E extends AddressEntry>(entries: readonly E[], width: number): Lookup<E> {
  if (entries.length === 0) return () => undefined;
  // A boundary behind the last address of the family is never asked for.
  const boundaries = boundariesOf(entries).filter(({ start }) => start >> BigInt(width * 32) === 0n);
  const starts = new DataView(new ArrayBuffer(boundaries.length * width * 4));
  for (const [index, { start }] of boundaries.entries()) {
    for (let word = 0; word < width; word++) {
      starts.setUint32((index * width + word) * 4, Number((start >> BigInt((width - 1 - word) * 32)) & 0xffff_ffffn));
    }
  }
  const isBehind = (index: number, words: readonly number[]): boolean => {
    let offset = index * width * 4;
    for (const word of words) {
      const start = starts.getUint32(offset);
      if (start !== word) return start > word;
      offset += 4;
    }
    return false;
  };
  return (words) => {
    let low = 0;
    let high = boundaries.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (isBehind(middle, words)) high = middle;
      else low = middle;
    }
    return boundaries[low]?.owner;
  };
}

/**
 * Builds the set. IPv4 and IPv6 are apart: `::/0` holds no IPv4 address, mapped ones included.
 * Ten entries or a million make no difference but a few steps of a binary search over one buffer.
 */
export function createAddressSet<E extends AddressEntry>(entries: readonly E[]): AddressSet<E> {
  const v4 = lookupIn(
    entries.filter(({ prefix }) => prefix.address.family === 4),
    1,
  );
  const v6 = lookupIn(
    entries.filter(({ prefix }) => prefix.address.family === 6),
    4,
  );
  return Object.freeze({
    find: ({ family, words }: Address) => (family === 4 ? v4(words) : v6(words)),
  });
}
