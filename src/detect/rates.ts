import { type Level, type LevelOptions, openLevels, seriesWords } from './levels.ts';
import { openRecords } from './records.ts';

/** How often something happens, for many series, in records; a bin is five seconds, and two of them are judged at a time. */
interface Rates {
  /** Begins a series at a bin. */
  clear(slot: number, bin: number): void;
  /** Counts so many in a bin; what is late counts in the last. Gives what the bins came to that are over by that. */
  add(slot: number, bin: number, count: number): Level;
  /** Lets the bins be over that are before this one, with nothing in them. */
  pass(slot: number, bin: number): Level;
  /** How many a second there were in what was judged last, of whichever series that was. */
  observed(): number;
  /** How many a second are usual. */
  expected(slot: number): number;
  /** Whether more are usual in ten seconds than a number, of which this is the logarithm of one more. */
  isUsual(slot: number, logarithm: number): boolean;
  /** Whether nothing has come for so long that the series is away. */
  isAway(slot: number): boolean;
  /** Bins that were learnt from. */
  seen(slot: number): number;
}

/** What differs from how levels are judged. */
interface RateOptions extends LevelOptions {
  /** Fewer than so many in ten seconds, both usual and now, are not spoken of. */
  readonly least: number;
  /** After so many empty bins a series is away: they say nothing of what is usual. At once where so many pass unseen. */
  readonly awayBins: number;
  readonly unseenBins: number;
  /** What an hour is used to, as the logarithm of one more than the count; NaN: nobody knows. Learns it, too. */
  readonly profile?: (slot: number, bin: number, value: number) => number;
}

/** Milliseconds of a bin. */
export const binMs = 5000;
/** Seconds of what is judged at a time. */
export const windowSeconds = (2 * binMs) / 1000;

// Of the record of each series, in words: its bin, then these.
const words = seriesWords;
const counts = 1;
/** NaN: the bin before is not known. */
const before = 2;
const empty = 3;

/** Opens so many series; 32 bytes each. */
export function openRates(size: number, options: RateOptions): Rates {
  const records = openRecords(size, words);
  const levels = openLevels(records, options);
  const { floats, counts: wholes } = records;
  const leastLog = Math.log1p(options.least);
  const { awayBins, unseenBins, profile } = options;
  let judged = 0;

  const close = (slot: number): Level => {
    const from = slot * words;
    const count = floats[from + counts] ?? 0;
    const idle = count === 0 ? Math.min((wholes[from + empty] ?? 0) + 1, awayBins) : 0;
    wholes[from + empty] = idle;
    const previous = floats[from + before] ?? 0;
    const sum = previous + count;
    floats[from + before] = idle === awayBins ? Number.NaN : count;
    floats[from + counts] = 0;
    if (Number.isNaN(sum)) return 0;
    judged = sum;
    const value = Math.log1p(sum);
    const mean = levels.usual(slot);
    const usual = profile === undefined ? Number.NaN : profile(slot, wholes[from] ?? 0, value);
    // Each of the two must say so: a burst of a second or two is in one.
    const weakest = Math.log1p(2 * (value > mean ? Math.min(previous, count) : Math.max(previous, count)));
    const matters = Math.max(value, mean) >= leastLog;
    return levels.judge(slot, value, matters ? weakest : mean, Math.exp(-mean / 2), usual);
  };
  const pass = (slot: number, bin: number): Level => {
    const from = slot * words;
    const last = wholes[from] ?? 0;
    if (bin <= last) return 0;
    if (bin - last > unseenBins) {
      floats[from + before] = Number.NaN;
      floats[from + counts] = 0;
      wholes[from] = bin;
      return 0;
    }
    let level: Level = 0;
    for (let each = last; each < bin; each += 1) {
      const one = close(slot);
      if (one !== 0) level = one;
      wholes[from] = each + 1;
    }
    return level;
  };
  return {
    clear: (slot, bin) => {
      const from = slot * words;
      levels.clear(slot);
      wholes[from] = bin;
      floats[from + counts] = 0;
      floats[from + before] = Number.NaN;
      wholes[from + empty] = 0;
    },
    pass,
    add: (slot, bin, count) => {
      const place = slot * words + counts;
      const level = bin > (wholes[slot * words] ?? 0) ? pass(slot, bin) : 0;
      floats[place] = (floats[place] ?? 0) + count;
      return level;
    },
    observed: () => judged / windowSeconds,
    expected: (slot) => Math.expm1(levels.usual(slot)) / windowSeconds,
    isUsual: (slot, logarithm) => levels.usual(slot) > logarithm,
    isAway: (slot) => (wholes[slot * words + empty] ?? 0) >= awayBins,
    seen: (slot) => levels.seen(slot),
  };
}
