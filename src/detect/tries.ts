import type { Key } from './hash.ts';
import { openLately } from './lately.ts';
import { openSlots } from './slots.ts';

/** How many tries of each key failed, of the last ones. */
interface Tries {
  failed(key: Key, atMs: number): void;
  /** Only of keys that have failed, and each of those who succeed once in a while: one good credential must not cover for many bad ones. */
  succeeded(key: Key, who: Key, atMs: number): void;
  /** The least share of failures that is likely (the lower bound of Wilson's interval, 95 %). */
  leastShare(key: Key): number;
}

const mostTries = 60;
const markBits = 2 ** 19;
// Odd, and of no pattern (the golden ratio): so that two keys meet rarely.
const spreading = 0x9e3779b1;
// Of the normal distribution, for 95 %.
const z = 1.96;

/** Opens the tries of so many keys, 16 bytes each; who succeeds again counts again after one or two times so long. */
export function openTries(keys: number, onceMs: number): Tries {
  const lately = openLately(onceMs);
  const slots = openSlots(keys);
  const bad = new Float32Array(slots.size);
  const good = new Float32Array(slots.size);
  /** A bit for each that has failed, by its hash: hardly any has, and the others are not looked up. */
  const marks = new Uint32Array(markBits / 32);
  const add = (slot: number, column: Float32Array): void => {
    column[slot] = (column[slot] ?? 0) + 1;
    if ((bad[slot] ?? 0) + (good[slot] ?? 0) < mostTries) return;
    bad[slot] = (bad[slot] ?? 0) / 2;
    good[slot] = (good[slot] ?? 0) / 2;
  };
  return {
    failed: (key, atMs) => {
      const claimed = slots.claim(key);
      const slot = claimed < 0 ? ~claimed : claimed;
      if (claimed < 0) {
        bad[slot] = 0;
        good[slot] = 0;
      }
      slots.keep(slot, Math.max(0, atMs / 1000));
      const place = (key.low & (markBits - 1)) >>> 5;
      marks[place] = (marks[place] ?? 0) | (1 << (key.low & 31));
      add(slot, bad);
    },
    succeeded: (key, who, atMs) => {
      if (((marks[(key.low & (markBits - 1)) >>> 5] ?? 0) & (1 << (key.low & 31))) === 0) return;
      const slot = slots.find(key);
      if (slot >= 0 && !lately(key.low ^ Math.imul(who.low, spreading), atMs)) add(slot, good);
    },
    leastShare: (key) => {
      const slot = slots.find(key);
      const failures = slot < 0 ? 0 : (bad[slot] ?? 0);
      const all = failures + (slot < 0 ? 0 : (good[slot] ?? 0));
      if (all === 0) return 0;
      const share = failures / all;
      const centre = share + z ** 2 / (2 * all);
      const spread = z * Math.sqrt((share * (1 - share) + z ** 2 / (4 * all)) / all);
      return (centre - spread) / (1 + z ** 2 / all);
    },
  };
}
