import { type Level, type LevelOptions, openLevels } from './levels.ts';

/** How often something happens, for many series, in columns; a bin is five seconds, and two of them are judged at a time. */
interface Rates {
  /** Begins a series at a bin. */
  clear(slot: number, bin: number): void;
  /** Counts so many in a bin; what is late counts in the last. Gives what the bins came to that are over by that. */
  add(slot: number, bin: number, count: number): Level;
  /** Lets the bins be over that are before this one, with nothing in them. */
  pass(slot: number, bin: number): Level;
  /** How many a second there were in what was judged last. */
  observed(slot: number): number;
  /** How many a second are usual. */
  expected(slot: number): number;
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

/** Opens so many series; 38 bytes each. */
export function openRates(size: number, options: RateOptions): Rates {
  const levels = openLevels(size, options);
  const bins = new Uint32Array(size);
  const counts = new Float32Array(size);
  /** NaN: the bin before is not known. */
  const before = new Float32Array(size);
  const judged = new Float32Array(size);
  const empty = new Uint16Array(size);
  const leastLog = Math.log1p(options.least);
  const { awayBins, unseenBins, profile } = options;

  const close = (slot: number): Level => {
    const count = counts[slot] ?? 0;
    const idle = count === 0 ? Math.min((empty[slot] ?? 0) + 1, awayBins) : 0;
    empty[slot] = idle;
    const previous = before[slot] ?? 0;
    const sum = previous + count;
    before[slot] = idle === awayBins ? Number.NaN : count;
    counts[slot] = 0;
    if (Number.isNaN(sum)) return 0;
    judged[slot] = sum;
    const value = Math.log1p(sum);
    const mean = levels.usual(slot);
    const usual = profile === undefined ? Number.NaN : profile(slot, bins[slot] ?? 0, value);
    // Each of the two must say so: a burst of a second or two is in one.
    const weakest = Math.log1p(2 * (value > mean ? Math.min(previous, count) : Math.max(previous, count)));
    const matters = Math.max(value, mean) >= leastLog;
    return levels.judge(slot, value, matters ? weakest : mean, Math.exp(-mean / 2), usual);
  };
  const pass = (slot: number, bin: number): Level => {
    const last = bins[slot] ?? 0;
    if (bin <= last) return 0;
    if (bin - last > unseenBins) {
      before[slot] = Number.NaN;
      counts[slot] = 0;
      bins[slot] = bin;
      return 0;
    }
    let level: Level = 0;
    for (let each = last; each < bin; each += 1) {
      const one = close(slot);
      if (one !== 0) level = one;
      bins[slot] = each + 1;
    }
    return level;
  };
  return {
    clear: (slot, bin) => {
      levels.clear(slot);
      bins[slot] = bin;
      counts[slot] = 0;
      before[slot] = Number.NaN;
      judged[slot] = 0;
      empty[slot] = 0;
    },
    pass,
    add: (slot, bin, count) => {
      const level = pass(slot, bin);
      counts[slot] = (counts[slot] ?? 0) + count;
      return level;
    },
    observed: (slot) => (judged[slot] ?? 0) / windowSeconds,
    expected: (slot) => Math.expm1(levels.usual(slot)) / windowSeconds,
    isAway: (slot) => (empty[slot] ?? 0) >= awayBins,
    seen: (slot) => levels.seen(slot),
  };
}
