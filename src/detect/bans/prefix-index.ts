import type { Address, Prefix } from '../../core/address.ts';
import { addHash, createHashFilter, type HashFilter, mayHold } from './hash-filter.ts';

/** Values by prefix, which come and go; a find costs a look into a filter for each length that is in use, and few into a Map. */
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
  readonly masks: Masks;
  readonly slots: Map<number, readonly Slot<T>[]>;
  /** Rules out most of what slots does not have. */
  filter: HashFilter;
}

/** The bits of each word that count. */
type Masks = readonly [number, number, number, number];

function maskOf(length: number, word: number): number {
  const kept = Math.min(32, Math.max(0, length - 32 * word));
  return kept === 0 ? 0 : (-1 << (32 - kept)) | 0;
}

const masksOf = (length: number): Masks => [maskOf(length, 0), maskOf(length, 1), maskOf(length, 2), maskOf(length, 3)];

// Odd factors: words that differ in one place alone never meet, so nobody can choose many networks of his own that do.
const hashOf = (words: readonly number[], masks: Masks): number =>
  words.length === 1
    ? Math.imul((words[0] ?? 0) & masks[0], 0x9e3779b1)
    : Math.imul((words[0] ?? 0) & masks[0], 0x9e3779b1) ^
      Math.imul((words[1] ?? 0) & masks[1], 0x85ebca77) ^
      Math.imul((words[2] ?? 0) & masks[2], 0xc2b2ae3d) ^
      Math.imul((words[3] ?? 0) & masks[3], 0x27d4eb2f);

const sameNetwork = (one: readonly number[], other: readonly number[], masks: Masks): boolean =>
  masks.every((mask, at) => (((one[at] ?? 0) ^ (other[at] ?? 0)) & mask) === 0);

/** Notes a hash that is new to a level; a filter that is full is made anew, without those that have gone. */
function note<T>(level: Level<T>, hash: number): void {
  if (level.filter.room <= 0) level.filter = createHashFilter(level.slots.keys(), level.slots.size);
  addHash(level.filter, hash);
}

/** An empty index. IPv4 and IPv6 are apart. */
export function createPrefixIndex<T>(): PrefixIndex<T> {
  const families: Record<Address['family'], Level<T>[]> = { 4: [], 6: [] };

  const levelOf = ({ address, length }: Prefix): Level<T> => {
    const levels = families[address.family];
    const there = levels.find((level) => level.length === length);
    if (there !== undefined) return there;
    const level = { length, masks: masksOf(length), slots: new Map(), filter: createHashFilter([], 1) };
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
      if (!level.slots.has(hash)) note(level, hash);
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
      for (const level of families[family]) {
        const { masks, slots } = level;
        const hash = hashOf(words, masks);
        if (!mayHold(level.filter, hash)) continue;
        const found = slots.get(hash);
        if (found === undefined) continue;
        for (const slot of found) if (sameNetwork(slot.words, words, masks) && wanted(slot.value)) return slot.value;
      }
      return undefined;
    },
  };
}
