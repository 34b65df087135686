// A hundred thousand days: more than anybody means, and far from where the sums of a store lose milliseconds.
const longestMs = 100_000 * 86_400_000;

/** A life as stores take it: whole milliseconds, at least one, at most about 270 years. Throws a RangeError for NaN. */
export function wholeLifeMs(ms: number): number {
  if (Number.isNaN(ms)) throw new RangeError('a life is a number of milliseconds');
  return Math.min(longestMs, Math.max(1, Math.ceil(ms)));
}
