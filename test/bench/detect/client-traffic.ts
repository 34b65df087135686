import { openRandom } from './random.ts';

/** A time in which a client asks several times as often. */
interface PlantedSurge {
  readonly fromBin: number;
  readonly toBin: number;
  readonly factor: number;
}

/** What one client does: how many requests in each five seconds, and when it surges. */
export interface ClientTraffic {
  readonly counts: Uint16Array;
  readonly surges: readonly PlantedSurge[];
  /** Requests a second, on the mean. */
  readonly rate: number;
}

const binSeconds = 5;
/** Five-second bins of a day. */
export const dayBins = 86_400 / binSeconds;

/**
 * The days of a client: a rate of its own (2 to 50 a second), a daily and a weekly rhythm, a load that wanders by a fifth over
 * minutes, bursts of a second or two that are its habit, and after the first day a surge of three times, of one to ten
 * minutes, every day and a half.
 */
export function clientTraffic(seed: number, days: number): ClientTraffic {
  const random = openRandom(seed);
  const rate = 2 * 25 ** random.uniform();
  const phase = 0.15 * random.normal();
  const depth = 0.3 + 0.4 * random.uniform();
  const weekend = 0.5 + 0.5 * random.uniform();
  const wander = 0.05 + 0.2 * random.uniform();
  const burstsPerBin = (2 + 10 * random.uniform()) / 720;
  const keepWander = Math.exp(-binSeconds / (120 + 480 * random.uniform()));
  const total = days * dayBins;

  const surges: PlantedSurge[] = [];
  for (let day = 1 + 1.5 * random.uniform(); day < days - 0.1; day += 1 + random.uniform()) {
    // Not at the edge of a bin: what begins begins somewhere.
    const fromBin = day * dayBins;
    surges.push({ fromBin, toBin: fromBin + (60 + 540 * random.uniform() ** 2) / binSeconds, factor: 3 });
  }
  const counts = new Uint16Array(total);
  let load = 0;
  let next = 0;
  for (let bin = 0; bin < total; bin += 1) {
    const day = bin / dayBins;
    load = keepWander * load + Math.sqrt(1 - keepWander ** 2) * wander * random.normal();
    const rhythm = 1 + depth * Math.sin(2 * Math.PI * (day + phase - 0.3)) + 0.2 * depth * Math.sin(4 * Math.PI * day);
    let mean = rate * binSeconds * rhythm * Math.exp(load) * (Math.floor(day) % 7 < 5 ? 1 : weekend);
    if (random.uniform() < burstsPerBin) mean *= 1.5 + 2 * random.uniform();
    const surge = surges[next];
    if (surge !== undefined) {
      const share = Math.min(bin + 1, surge.toBin) - Math.max(bin, surge.fromBin);
      if (share > 0) mean *= 1 + (surge.factor - 1) * share;
      if (bin >= surge.toBin) next += 1;
    }
    counts[bin] = Math.min(65_535, random.poisson(mean));
  }
  return { counts, surges, rate };
}
