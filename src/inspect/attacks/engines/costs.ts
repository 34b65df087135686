/** What either way of looking at a text has cost for one pattern, in microseconds for a character; learned while it serves. */
interface Rates {
  native: number;
  script: number;
}

/** The two ways. */
type Way = keyof Rates;

// What a call of the library costs before it looks at anything.
const callUs = 25;
const first: Readonly<Rates> = { native: 0.012, script: 0.03 };
// A short stall of the machine must not count for more; what is slow time and again still shows within a few looks.
const mostGrowth = 4;
// What takes so long five times in a row is no stall, and no pattern that still meets its first texts: it counts as it is.
const longUs = 2000;
// A way that is not taken is thought a little better of each time, so that it gets another chance.
const forgiven = 0.998;
// So short a text says nothing of what a character costs.
const overhead = 64;

/** What is known of the costs of one pattern. */
interface Costs {
  /** The cheaper way for so many characters. */
  cheaper(length: number): Way;
  learn(way: Way, length: number, us: number): void;
  /** What so many characters cost in native code, in microseconds. */
  native(length: number): number;
}

/** Opens the costs of a pattern of which nothing is known. */
export function openCosts(): Costs {
  const rates: Rates = { ...first };
  let slow = 0;
  return {
    cheaper: (length) => {
      const way = rates.script * length <= callUs + rates.native * length ? 'script' : 'native';
      const other = way === 'script' ? 'native' : 'script';
      if (rates[other] > first[other]) rates[other] *= forgiven;
      return way;
    },
    learn: (way, length, us) => {
      const own = way === 'native' ? Math.max(0, us - callUs) : us;
      slow = us > longUs ? slow + 1 : 0;
      const most = slow > 4 ? Number.POSITIVE_INFINITY : rates[way] * mostGrowth;
      const seen = Math.min(own / (length + overhead), most);
      rates[way] = (rates[way] + seen) / 2;
    },
    native: (length) => callUs + rates.native * length,
  };
}
