/** Hashes the beginning of texts into numbers from 1 to 2^53 - 1, so that tables of them hold no text. */
export type Hash = (text: string) => number;

const longest = 512;
const high21 = 0x1f_ffff;

/**
 * A hash with a seed (cyrb53). It is no cryptographic one: with a seed that is random for each process nobody can choose
 * names that meet, and whoever could would only hide among others.
 */
export function openHash(seed: number): Hash {
  const first = 0xdeadbeef ^ seed;
  const second = 0x41c6ce57 ^ Math.imul(seed, 0x9e3779b1);
  return (text) => {
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
    high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
    return 4_294_967_296 * (high & high21) + (low >>> 0) || 1;
  };
}
