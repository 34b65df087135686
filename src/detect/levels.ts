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

/** What is usual for each of many series, in columns. */
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

interface Columns {
  readonly means: Float32Array;
  readonly deviations: Float32Array;
  readonly seen: Uint32Array;
  /** How many bins in a row were unusual, with their sign. */
  readonly runs: Int8Array;
  /** 1 in a surge, -1 in a drop. */
  readonly states: Int8Array;
  /** For how long. */
  readonly held: Uint16Array;
}

const at = (column: Columns[keyof Columns], slot: number): number => column[slot] ?? 0;

/** Opens so many series; 16 bytes each. */
export function openLevels(size: number, options: LevelOptions): Levels {
  const columns: Columns = {
    means: new Float32Array(size),
    deviations: new Float32Array(size),
    seen: new Uint32Array(size),
    runs: new Int8Array(size),
    states: new Int8Array(size),
    held: new Uint16Array(size),
  };
  const { means, deviations, seen, runs, states, held } = columns;
  return {
    clear: (slot) => {
      for (const column of Object.values(columns)) column[slot] = 0;
    },
    judge: (slot, value, weakest, noise, usual) => {
      const mean = at(means, slot);
      const residual = value - mean;
      const scale = Math.max(perDeviation * at(deviations, slot), noise, options.floor);
      if (at(seen, slot) < options.learnBins) {
        learn(columns, options, slot, residual, Number.POSITIVE_INFINITY);
        return 0;
      }
      const apart = Number.isNaN(usual) ? residual : nearest(residual, value - usual);
      const threshold = Math.max(options.scales * scale, options.step);
      if (at(states, slot) !== 0) return goOn(columns, options, slot, value, apart / threshold, residual);
      learn(columns, options, slot, residual, scale);
      const sign = Math.sign(apart);
      const isUnusual = Math.abs(apart) >= threshold && (weakest - mean) * sign >= weakestShare * threshold;
      const before = isUnusual && at(runs, slot) * sign > 0 ? at(runs, slot) : 0;
      const run = isUnusual ? before + sign : 0;
      runs[slot] = run;
      if (Math.abs(run) < options.runBins) return 0;
      states[slot] = sign;
      held[slot] = 0;
      return sign > 0 ? 1 : -1;
    },
    usual: (slot) => at(means, slot),
    seen: (slot) => at(seen, slot),
  };
}

/** Learns from a bin; one that is far away counts as one that is less far. */
function learn(
  { means, deviations, seen }: Columns,
  options: LevelOptions,
  slot: number,
  residual: number,
  scale: number,
): void {
  const bins = at(seen, slot) + 1;
  seen[slot] = bins;
  const bounded = (bound: number): number => Math.max(-bound, Math.min(bound, residual));
  means[slot] = at(means, slot) + bounded(clipMean * scale) / Math.min(bins, options.meanBins);
  // The first bin has nothing to deviate from.
  if (bins === 1) return;
  const deviation = Math.abs(bounded(clipScale * scale));
  deviations[slot] = at(deviations, slot) + (deviation - at(deviations, slot)) / Math.min(bins, options.scaleBins);
}

/** What a surge or a drop comes to: it goes on, or is over, or has become the usual. */
function goOn(
  { means, deviations, runs, states, held }: Columns,
  options: LevelOptions,
  slot: number,
  value: number,
  share: number,
  residual: number,
): Level {
  const state = at(states, slot);
  held[slot] = at(held, slot) + 1;
  const isOver = state * share < exitShare;
  if (!isOver && at(held, slot) < options.adoptBins) return state > 0 ? 2 : -2;
  states[slot] = 0;
  runs[slot] = 0;
  if (isOver) {
    deviations[slot] = at(deviations, slot) * growth;
  } else {
    means[slot] = value;
    deviations[slot] = Math.max(at(deviations, slot), Math.abs(residual) / options.scales / perDeviation);
  }
  return 0;
}

/** What is unusual must be so by both measures: the one that is nearer to the usual decides. */
function nearest(one: number, other: number): number {
  if (one * other <= 0) return 0;
  return Math.abs(one) < Math.abs(other) ? one : other;
}
