import type { Address, Prefix } from '../../core/address.ts';
import { numberAt } from '../../core/number-at.ts';

/** Values by prefix, which come and go; a find costs a look into a Map for each length that is in use. */
interface PrefixIndex<T> {
  put(prefix: Prefix, value: T): void;
  remove(prefix: Prefix): void;
  /** The first value that is wanted, of the longest prefix that holds the address on. */
  find(address: Address, wanted: (value: T) => boolean): T | undefined;
}

interface Slot<T> {
  readonly words: readonly number[];
  readonly value: T;
}

/** The prefixes of one length, by a hash of their words. */
interface Level<T> {
  readonly length: number;
  readonly masks: readonly number[];
  readonly slots: Map<number, readonly Slot<T>[]>;
}

const masksOf = (length: number, words: number): readonly number[] =>
  Array.from({ length: words }, (_, index) => {
    const kept = Math.min(32, Math.max(0, length - 32 * index));
    return kept === 0 ? 0 : (-1 << (32 - kept)) | 0;
  });

// Odd factors: words that differ in one place alone never meet, so nobody can choose many networks of his own that do.
const factors = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f];

function hashOf(words: readonly number[], masks: readonly number[]): number {
  let hash = 0;
  for (let at = 0; at < masks.length; at += 1) {
    hash ^= Math.imul(numberAt(words, at) & numberAt(masks, at), numberAt(factors, at));
  }
  return hash;
}

function sameNetwork(one: readonly number[], other: readonly number[], masks: readonly number[]): boolean {
  for (let at = 0; at < masks.length; at += 1) {
    if (((numberAt(one, at) ^ numberAt(other, at)) & numberAt(masks, at)) !== 0) return false;
  }
  return true;
}

/** An empty index. IPv4 and IPv6 are apart. */
export function createPrefixIndex<T>(): PrefixIndex<T> {
  const families: Record<Address['family'], Level<T>[]> = { 4: [], 6: [] };

  const levelOf = ({ address, length }: Prefix): Level<T> => {
    const levels = families[address.family];
    const there = levels.find((level) => level.length === length);
    if (there !== undefined) return there;
    const level = { length, masks: masksOf(length, address.words.length), slots: new Map() };
    levels.push(level);
    levels.sort((one, other) => other.length - one.length);
    return level;
  };
  const othersAt = ({ slots, masks }: Level<T>, hash: number, words: readonly number[]): readonly Slot<T>[] =>
    (slots.get(hash) ?? []).filter((slot) => !sameNetwork(slot.words, words, masks));

  return {
    put: (prefix, value) => {
      const { words } = prefix.address;
      const level = levelOf(prefix);
      const hash = hashOf(words, level.masks);
      level.slots.set(hash, [...othersAt(level, hash, words), { words, value }]);
    },
    remove: (prefix) => {
      const { words } = prefix.address;
      const level = levelOf(prefix);
      const hash = hashOf(words, level.masks);
      const others = othersAt(level, hash, words);
      if (others.length > 0) level.slots.set(hash, others);
      else level.slots.delete(hash);
      if (level.slots.size > 0) return;
      const { family } = prefix.address;
      families[family] = families[family].filter((other) => other !== level);
    },
    find: ({ family, words }, wanted) => {
      for (const { masks, slots } of families[family]) {
        const found = slots.get(hashOf(words, masks));
        if (found === undefined) continue;
        for (const slot of found) if (sameNetwork(slot.words, words, masks) && wanted(slot.value)) return slot.value;
      }
      return undefined;
    },
  };
}
