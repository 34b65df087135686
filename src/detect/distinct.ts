import type { Key } from './hash.ts';
import { openRooms } from './slots.ts';

/** How many different things came with each key in a while, about (linear counting, Whang et al. 1990). */
interface Distinct {
  /** Adds a thing; gives how many there were where it is a new one, else 0. */
  add(key: Key, what: number, window: number): number;
}

const words = 8;
const bits = words * 32;
// A record of each slot: its window, how many are marked, the marks.
const marked = 1;
const marks = 2;
const cellsOfOne = marks + words;

/** Opens the counts of so many keys, 48 bytes each; up to some hundreds are told apart, and begin anew with each window. */
export function openDistinct(keys: number): Distinct {
  const rooms = openRooms(keys, cellsOfOne);
  const cells = rooms.records.counts;
  const estimates = Uint16Array.from({ length: bits + 1 }, (_, count) =>
    Math.round(-bits * Math.log(Math.max(0.5, bits - count) / bits)),
  );
  return {
    add: (key, what, window) => {
      const claimed = rooms.claim(key);
      const from = claimed < 0 ? ~claimed : claimed;
      if (claimed < 0) {
        cells[from] = window;
      } else if (cells[from] !== window) {
        cells[from] = window;
        for (let place = from + marked; place < from + cellsOfOne; place += 1) cells[place] = 0;
      }
      const place = from + marks + ((what >>> 5) & (words - 1));
      const mask = 1 << (what & 31);
      const known = cells[place] ?? 0;
      if ((known & mask) !== 0) return 0;
      cells[place] = known | mask;
      const count = (cells[from + marked] ?? 0) + 1;
      cells[from + marked] = count;
      // Who has more is kept for longer.
      rooms.keep(window * bits + count);
      return estimates[count] ?? 0;
    },
  };
}
