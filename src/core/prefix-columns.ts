import type { Prefix } from './address.ts';
import { numberAt } from './number-at.ts';

/** Prefixes of one family side by side: no object each, so that a million of them are a few arrays. */
export interface FamilyColumns {
  /** Words of an address: 1 for IPv4, 4 for IPv6. */
  readonly width: 1 | 4;
  size: number;
  /** width words a prefix: its first address. */
  words: Uint32Array;
  lengths: Uint8Array;
  /** The list that each came from. */
  lists: Uint32Array;
}

/** Prefixes in the order in which they were added. */
export interface PrefixColumns {
  readonly v4: FamilyColumns;
  readonly v6: FamilyColumns;
  /** Adds a prefix of a list, a number below 2^24. */
  add(prefix: Pick<Prefix, 'address' | 'length'>, list: number): void;
}

const openFamily = (width: 1 | 4, room: number): FamilyColumns => ({
  width,
  size: 0,
  words: new Uint32Array(room * width),
  lengths: new Uint8Array(room),
  lists: new Uint32Array(room),
});

function grow(family: FamilyColumns): void {
  const { words, lengths, lists } = family;
  const room = Math.max(16, lengths.length * 2);
  family.words = new Uint32Array(room * family.width);
  family.words.set(words);
  family.lengths = new Uint8Array(room);
  family.lengths.set(lengths);
  family.lists = new Uint32Array(room);
  family.lists.set(lists);
}

/** Opens columns without a prefix in them; room: for how many of each family there is space at once. */
export function openPrefixColumns(room = 0): PrefixColumns {
  const v4 = openFamily(1, room);
  const v6 = openFamily(4, room);
  return {
    v4,
    v6,
    add: ({ address, length }, list) => {
      const family = address.family === 4 ? v4 : v6;
      if (family.size === family.lengths.length) grow(family);
      for (let word = 0; word < family.width; word++) {
        family.words[family.size * family.width + word] = numberAt(address.words, word);
      }
      family.lengths[family.size] = length;
      family.lists[family.size] = list;
      family.size += 1;
    },
  };
}
