/** Hashes the beginning of texts into numbers from 1 to 2^53 - 1, so that tables of them hold no text. */
export type Hash = (text: string) => number;

/** A name as two halves of a hash, each a 32-bit integer, which costs no allocation: low says where in a table it belongs, high whether it is the one that stands there; high is 0 where no name is known, and else never. */
export interface Key {
  low: number;
  high: number;
}

/** Hashes the beginning of a text into a key that is used again. */
type Keying = (text: string, into: Key) => void;

const longest = 512;
const high21 = 0x1f_ffff;

/**
 * A hash with a seed (cyrb53). It is no cryptographic one: with a seed that is random for each process nobody can choose
 * names that meet, and whoever could would only hide among others.
 */
export function openKeying(seed: number): Keying {
  const first = 0xdeadbeef ^ seed;
  const second = 0x41c6ce57 ^ Math.imul(seed, 0x9e3779b1);
  return (text, into) => {
    let low = first;
    let high = second ^ text.length;
    // However long a text is that somebody sends.
    const end = Math.min(text.length, longest);
    for (let index = 0; index < end; index += 1) {
      const code = text.charCodeAt(index);
      low = Math.imul(low ^ code, 2_654_435_761);
      high = Math.imul(high ^ code, 1_597_334_677);
    }
    low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
    into.low = low;
    into.high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909) || 1;
  };
}

/** The same hash as one number, for what is hashed rarely. */
export function openHash(seed: number): Hash {
  const keying = openKeying(seed);
  const key: Key = { low: 0, high: 0 };
  return (text) => {
    keying(text, key);
    return 4_294_967_296 * (key.high & high21) + (key.low >>> 0) || 1;
  };
}
