import type { Records } from './records.ts';

/** How a series is judged. Times are in bins. */
export interface LevelOptions {
  /** How many scales above or below the usual is unusual. */
  readonly scales: number;
  /** How far above the usual is a surge at least, and below it a drop, in the unit of the series. */
  readonly step: number;
  /** The least that a scale is taken to be. */
  readonly floor: number;
  /** How long the past counts for what is usual, and for how much it varies. */
  readonly meanBins: number;
  readonly scaleBins: number;
  /** How much is to be seen of a series before it is judged. */
  readonly learnBins: number;
  /** After so long the unusual is the usual. */
  readonly adoptBins: number;
  /** How many bins in a row must be unusual. */
  readonly runBins: number;
}

/** What a bin came to: 0 as usual; 1 a surge begins, 2 goes on; -1 a drop begins, -2 goes on. */
export type Level = -2 | -1 | 0 | 1 | 2;

/** What is usual for each of many series. */
interface Levels {
  /** Forgets the series of a slot. */
  clear(slot: number): void;
  /**
   * Judges the next bin, and learns from it. weakest: the part of the bin that is nearest to the usual, which must be unusual
   * for most of the way, too. noise: how much it varies by its nature (of a count in logarithms, one through its root).
   * usual: what this hour is used to; NaN: nobody knows.
   */
  judge(slot: number, value: number, weakest: number, noise: number, usual: number): Level;
  /** What is usual now. */
  usual(slot: number): number;
  /** Bins since the beginning. */
  seen(slot: number): number;
}

// The mean absolute deviation of a normal distribution, times this, is its standard deviation.
const perDeviation = 1.2533;
// Beyond so many scales a bin says no more of what is usual than one that is just as far.
const clipMean = 3;
const clipScale = 8;
const exitShare = 0.5;
const weakestShare = 0.75;
// What was told of once varies so much more from now on, so that a series that is always unusual is told of ever less.
const growth = 1.15;

/** Words of a record of each series: the first half is for whoever counts, the other for what is usual. */
export const seriesWords = 8;
const words = seriesWords;
const means = 4;
const deviations = 5;
const seen = 6;
// The last word is of three numbers, here counted in shorts and bytes: in a surge or a drop for how long;
const held = 14;
// how many bins in a row were unusual, with their sign;
const runs = 30;
// 1 in a surge, -1 in a drop.
const states = 31;

/** Opens the series of records. */
export function openLevels(cells: Records, options: LevelOptions): Levels {
  const { floats, counts, shorts, signs } = cells;
  return {
    clear: (slot) => {
      for (let place = slot * words + means; place < (slot + 1) * words; place += 1) counts[place] = 0;
    },
    judge: (slot, value, weakest, noise, usual) => {
      const from = slot * words;
      const mean = floats[from + means] ?? 0;
      const residual = value - mean;
      const scale = Math.max(perDeviation * (floats[from + deviations] ?? 0), noise, options.floor);
      if ((counts[from + seen] ?? 0) < options.learnBins) {
        learn(cells, options, slot, residual, Number.POSITIVE_INFINITY);
        return 0;
      }
      const apart = Number.isNaN(usual) ? residual : nearest(residual, value - usual);
      const threshold = Math.max(options.scales * scale, options.step);
      if (signs[slot * words * 4 + states] !== 0) return goOn(cells, options, slot, value, apart / threshold, residual);
      learn(cells, options, slot, residual, scale);
      const sign = Math.sign(apart);
      const isUnusual = Math.abs(apart) >= threshold && (weakest - mean) * sign >= weakestShare * threshold;
      const last = signs[slot * words * 4 + runs] ?? 0;
      const run = isUnusual ? (last * sign > 0 ? last : 0) + sign : 0;
      signs[slot * words * 4 + runs] = run;
      if (Math.abs(run) < options.runBins) return 0;
      signs[slot * words * 4 + states] = sign;
      shorts[slot * words * 2 + held] = 0;
      return sign > 0 ? 1 : -1;
    },
    usual: (slot) => floats[slot * words + means] ?? 0,
    seen: (slot) => counts[slot * words + seen] ?? 0,
  };
}

/** Learns from a bin; one that is far away counts as one that is less far. */
function learn(
  { floats, counts }: Records,
  { meanBins, scaleBins }: LevelOptions,
  slot: number,
  residual: number,
  scale: number,
): void {
  const from = slot * words;
  const bins = (counts[from + seen] ?? 0) + 1;
  counts[from + seen] = bins;
  floats[from + means] = (floats[from + means] ?? 0) + bounded(residual, clipMean * scale) / Math.min(bins, meanBins);
  // The first bin has nothing to deviate from.
  if (bins === 1) return;
  const deviation = floats[from + deviations] ?? 0;
  const apart = Math.abs(bounded(residual, clipScale * scale));
  floats[from + deviations] = deviation + (apart - deviation) / Math.min(bins, scaleBins);
}

const bounded = (value: number, bound: number): number => Math.max(-bound, Math.min(bound, value));

/** What a surge or a drop comes to: it goes on, or is over, or has become the usual. */
function goOn(
  { floats, shorts, signs }: Records,
  { adoptBins, scales }: LevelOptions,
  slot: number,
  value: number,
  share: number,
  residual: number,
): Level {
  const from = slot * words;
  const state = signs[slot * words * 4 + states] ?? 0;
  const bins = (shorts[slot * words * 2 + held] ?? 0) + 1;
  shorts[slot * words * 2 + held] = bins;
  const isOver = state * share < exitShare;
  if (!isOver && bins < adoptBins) return state > 0 ? 2 : -2;
  signs[slot * words * 4 + states] = 0;
  signs[slot * words * 4 + runs] = 0;
  const deviation = floats[from + deviations] ?? 0;
  if (isOver) {
    floats[from + deviations] = deviation * growth;
  } else {
    floats[from + means] = value;
    floats[from + deviations] = Math.max(deviation, Math.abs(residual) / scales / perDeviation);
  }
  return 0;
}

/** What is unusual must be so by both measures: the one that is nearer to the usual decides. */
function nearest(one: number, other: number): number {
  if (one * other <= 0) return 0;
  return Math.abs(one) < Math.abs(other) ? one : other;
}
