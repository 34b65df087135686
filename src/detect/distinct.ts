import { openSlots } from './slots.ts';

/** How many different things came with each key in a while, about (linear counting, Whang et al. 1990). */
interface Distinct {
  /** Adds a thing; gives how many there were where it is a new one, else 0. */
  add(key: number, what: number, atMs: number): number;
}

const words = 8;
const bits = words * 32;

/** Opens the counts of so many keys, 48 bytes each; up to some hundreds are told apart, and begin anew after so long. */
export function openDistinct(keys: number, windowMs: number): Distinct {
  const slots = openSlots(keys);
  const marks = new Uint32Array(slots.size * words);
  const marked = new Uint16Array(slots.size);
  const windows = new Uint32Array(slots.size);
  return {
    add: (key, what, atMs) => {
      const window = Math.floor(atMs / windowMs);
      const claimed = slots.claim(key);
      const slot = claimed < 0 ? ~claimed : claimed;
      if (claimed < 0 || windows[slot] !== window) {
        marks.fill(0, slot * words, (slot + 1) * words);
        marked[slot] = 0;
        windows[slot] = window;
      }
      const bit = (what >>> 0) % bits;
      const place = slot * words + (bit >>> 5);
      const mask = 1 << (bit & 31);
      if (((marks[place] ?? 0) & mask) !== 0) return 0;
      marks[place] = (marks[place] ?? 0) | mask;
      const count = (marked[slot] ?? 0) + 1;
      marked[slot] = count;
      // Who has more is kept for longer.
      slots.keep(slot, window * bits + count);
      return Math.round(-bits * Math.log(Math.max(0.5, bits - count) / bits));
    },
  };
}
