/**
 * Says of most hashes that they are not there, with one look into a small array: a Bloom filter of one hash. What it cannot
 * rule out may be there. Nothing is ever taken out of it: it is made anew when it is full.
 */
export interface HashFilter {
  /** Places, 32 in each number. */
  readonly bits: Uint32Array;
  /** The leading bits of a hash are its place; those that follow are shifted out. */
  readonly shift: number;
  /** How many hashes may still be added. */
  room: number;
}

const leastBits = 6;
const mostBits = 26;
// One in sixteen that are not there cannot be ruled out when it is full.
const placesEach = 16;

/** A filter of some hashes of 32 bits, with room for as many more. */
export function createHashFilter(hashes: Iterable<number>, count: number): HashFilter {
  const bits = Math.min(mostBits, Math.max(leastBits, Math.ceil(Math.log2(2 * count * placesEach))));
  const filter = { bits: new Uint32Array(2 ** (bits - 5)), shift: 32 - bits, room: 2 ** bits / placesEach };
  for (const hash of hashes) addHash(filter, hash);
  return filter;
}

/** Adds a hash. */
export function addHash(filter: HashFilter, hash: number): void {
  const place = hash >>> filter.shift;
  filter.bits[place >>> 5] = (filter.bits[place >>> 5] ?? 0) | (1 << (place & 31));
  filter.room -= 1;
}

/** False: it is not there. */
export function mayHold({ bits, shift }: HashFilter, hash: number): boolean {
  const place = hash >>> shift;
  return (((bits[place >>> 5] ?? 0) >>> (place & 31)) & 1) === 1;
}
