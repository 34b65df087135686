/** Whether something was seen lately, for very many things: a wrong yes is rare, a wrong no is not possible. */
type Lately = (what: number, atMs: number) => boolean;

const bits = 2 ** 20;

/** Opens one that remembers for one to two periods, in 256 KiB (a Bloom filter of two halves). */
export function openLately(periodMs: number): Lately {
  let period = 0;
  let current = new Uint32Array(bits / 32);
  let before = new Uint32Array(bits / 32);
  return (what, atMs) => {
    const now = Math.floor(atMs / periodMs);
    if (now > period) {
      [before, current] = [current, before];
      current.fill(0);
      if (now > period + 1) before.fill(0);
      period = now;
    }
    const bit = (what >>> 0) % bits;
    const place = bit >>> 5;
    const mask = 1 << (bit & 31);
    const known = (((current[place] ?? 0) | (before[place] ?? 0)) & mask) !== 0;
    current[place] = (current[place] ?? 0) | mask;
    return known;
  };
}
