import { openLevels, seriesWords } from '../../../src/detect/levels.ts';
import { openProfile } from '../../../src/detect/profile.ts';
import { openRecords } from '../../../src/detect/records.ts';
import type { Point } from './series-csv.ts';

/** A point of a series at which something begins to be unusual. */
export interface SeriesFinding {
  readonly timestamp: string;
  readonly value: number;
  readonly usual: number;
  readonly kind: 'surge' | 'drop';
}

/** How a series is judged that is no count of requests; times are in points. */
export interface SeriesOptions {
  readonly scales: number;
  readonly meanBins: number;
  readonly scaleBins: number;
  readonly adoptBins: number;
  /** After a finding so many points are not told of. */
  readonly refractory: number;
}

/** What holds for series that nobody has said anything about. */
export const seriesDefaults: SeriesOptions = { scales: 6, meanBins: 24, scaleBins: 600, adoptBins: 24, refractory: 60 };

// An hour is known by fewer points than the last day, and is not the same each day.
const seasonCare = 1.5;
const turnMs = 3_600_000;
// Where nothing is usual, so many are not: logarithms of small numbers are far apart.
const mostNoise = 0.8;

// Logarithms have shorter tails.
const countShare = 0.7;

/** Plays a series through the levels that surges go by, in the unit of its own values. */
export function findInSeries(
  points: readonly Point[],
  options: SeriesOptions = seriesDefaults,
): readonly SeriesFinding[] {
  const learnBins = Math.max(20, Math.min(600, Math.floor(points.length * 0.1)));
  const first = points.slice(0, learnBins).map(({ value }) => value);
  const areCounts = first.every((value) => value >= 0 && Number.isInteger(value));
  const unit = areCounts ? 1 : unitOf(first);
  const scales = areCounts ? options.scales * countShare : options.scales;
  const levels = openLevels(openRecords(1, seriesWords), {
    ...options,
    scales,
    learnBins,
    runBins: 1,
    step: 0,
    floor: 0.05,
  });
  const seasonal = openLevels(openRecords(1, seriesWords), {
    ...options,
    scales: scales * seasonCare,
    learnBins,
    runBins: 1,
    step: 0,
    floor: 0.05,
  });
  const profile = openProfile(1);
  const turnOf = openTurn();
  const findings: SeriesFinding[] = [];
  let quiet = 0;
  for (const { timestamp, atMs, value } of points) {
    const scaled = areCounts ? Math.log1p(Math.max(0, value)) : value / unit;
    const usual = levels.usual(0);
    const hour = profile.learn(0, atMs, scaled);
    const noise = areCounts ? Math.min(mostNoise, Math.exp(-usual / 2)) : 0.03 * Math.abs(usual);
    const level = levels.judge(0, scaled, scaled, noise, hour);
    // What is usual in a day may not be at this hour of it.
    const apart = scaled - hour;
    const bySeason = Number.isNaN(hour) ? 0 : seasonal.judge(0, apart, apart, noise + turnOf(atMs, hour), Number.NaN);
    const found = Math.abs(level) === 1 ? level : bySeason;
    quiet -= 1;
    if (Math.abs(found) !== 1 || quiet > 0) continue;
    quiet = options.refractory;
    findings.push({
      timestamp,
      value,
      usual: areCounts ? Math.expm1(found === level ? usual : hour) : (found === level ? usual : hour) * unit,
      kind: found > 0 ? 'surge' : 'drop',
    });
  }
  return findings;
}

/** How far what is usual has gone in the last hour: where a day turns, nobody knows by how many minutes it may be late. */
function openTurn(): (atMs: number, hour: number) => number {
  let lately: { readonly atMs: number; readonly hour: number }[] = [];
  return (atMs, hour) => {
    lately = [...lately.filter((one) => one.atMs > atMs - turnMs), { atMs, hour }];
    const hours = lately.map((one) => one.hour);
    return Math.max(...hours) - Math.min(...hours);
  };
}

/** How far values are from their median, by the median; something where they are all the same. */
function unitOf(values: readonly number[]): number {
  const middle = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? 0;
  const median = middle(values);
  const spread = middle(values.map((value) => Math.abs(value - median)));
  return Math.max(spread, Math.abs(median) * 0.01, 1e-9);
}
