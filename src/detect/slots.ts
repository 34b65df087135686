/** Places for keys in columns of a fixed length: who gets one that was another's must clear it. */
interface Slots {
  readonly size: number;
  /** The slot of a key; -1 where it has none. */
  find(key: number): number;
  /** The slot of a key. Where it had none: the bitwise complement of a slot that it has now, and that must be cleared. */
  claim(key: number): number;
  /** Says until when a slot is worth keeping, in seconds on any clock: the least worthy of its neighbours goes first. */
  keep(slot: number, until: number): void;
}

const ways = 8;

/** Slots for about so many keys, which are numbers other than 0 (openHash). 12 bytes each, whatever comes. */
export function openSlots(least: number): Slots {
  const sets = 2 ** Math.ceil(Math.log2(Math.max(1, least / ways)));
  const size = sets * ways;
  const keys = new Float64Array(size);
  const worth = new Uint32Array(size);
  const setOf = (key: number): number => ((key >>> 0) & (sets - 1)) * ways;
  return {
    size,
    find: (key) => {
      const from = setOf(key);
      for (let slot = from; slot < from + ways; slot += 1) if (keys[slot] === key) return slot;
      return -1;
    },
    claim: (key) => {
      const from = setOf(key);
      let victim = from;
      for (let slot = from; slot < from + ways; slot += 1) {
        if (keys[slot] === key) return slot;
        if ((worth[slot] ?? 0) < (worth[victim] ?? 0)) victim = slot;
      }
      keys[victim] = key;
      worth[victim] = 0;
      return ~victim;
    },
    keep: (slot, until) => {
      worth[slot] = until;
    },
  };
}
