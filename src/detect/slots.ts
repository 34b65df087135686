import type { Key } from './hash.ts';
import { openRecords, type Records } from './records.ts';

/** Places for keys in columns of a fixed length: who gets one that was another's must clear it. */
interface Slots {
  readonly size: number;
  /** The slot of a key; -1 where it has none. */
  find(key: Key): number;
  /** The slot of a key. Where it had none: the bitwise complement of a slot that it has now, and that must be cleared. */
  claim(key: Key): number;
  /** Says until when a slot is worth keeping, in seconds on any clock: the least worthy of its neighbours goes first. */
  keep(slot: number, until: number): void;
}

/** Slots whose records stand beside their keys, so that one page of memory is touched. A slot is the word where its record begins. */
interface Rooms {
  readonly records: Records;
  /** -1: none. */
  find(key: Key): number;
  /** The complement of a slot that was another's: its record is empty. */
  claim(key: Key): number;
  /** As of slots, for the slot that was claimed last. */
  keep(until: number): void;
}

const ways = 8;

/** Slots for about so many keys, each with some words of room; 8 bytes and the room each, whatever comes. */
export function openRooms(least: number, words: number): Rooms {
  const sets = setsFor(least);
  const last = sets - 1;
  const wordsOfSet = ways * (2 + words);
  const records = openRecords(sets, wordsOfSet);
  const cells = records.counts;
  let worth = 0;
  const placeOf = (from: number, high: number): number => {
    for (let way = 0; way < ways; way += 1) if (cells[from + way] === high) return way;
    return -1;
  };
  return {
    records,
    find: (key) => {
      const from = (key.low & last) * wordsOfSet;
      const way = placeOf(from, key.high >>> 0);
      return way < 0 ? -1 : from + 2 * ways + way * words;
    },
    claim: (key) => {
      const from = (key.low & last) * wordsOfSet;
      const high = key.high >>> 0;
      const known = placeOf(from, high);
      const way = known < 0 ? leastWorthy(cells, from + ways) : known;
      worth = from + ways + way;
      const place = from + 2 * ways + way * words;
      if (known >= 0) return place;
      cells[from + way] = high;
      cells[worth] = 0;
      for (let each = place; each < place + words; each += 1) cells[each] = 0;
      return ~place;
    },
    keep: (until) => {
      cells[worth] = until;
    },
  };
}

const setsFor = (least: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, least / ways)));

function leastWorthy(cells: Uint32Array, from: number): number {
  let victim = 0;
  let least = cells[from] ?? 0;
  for (let way = 1; way < ways; way += 1) {
    const worth = cells[from + way] ?? 0;
    if (worth >= least) continue;
    victim = way;
    least = worth;
  }
  return victim;
}

/** Slots for about so many keys. 8 bytes each, whatever comes. */
export function openSlots(least: number): Slots {
  const sets = setsFor(least);
  const last = sets - 1;
  // Of each eight first whose they are, then what each is worth: a look-up is one line of the processor's cache.
  const cells = new Uint32Array(sets * ways * 2);
  return {
    size: sets * ways,
    find: (key) => {
      const set = key.low & last;
      const high = key.high >>> 0;
      const from = set * ways * 2;
      for (let way = 0; way < ways; way += 1) if (cells[from + way] === high) return set * ways + way;
      return -1;
    },
    claim: (key) => {
      const set = key.low & last;
      const high = key.high >>> 0;
      const from = set * ways * 2;
      for (let way = 0; way < ways; way += 1) if (cells[from + way] === high) return set * ways + way;
      const victim = leastWorthy(cells, from + ways);
      cells[from + victim] = high;
      cells[from + ways + victim] = 0;
      return ~(set * ways + victim);
    },
    keep: (slot, until) => {
      cells[slot + (slot & -ways) + ways] = until;
    },
  };
}
