// Bounds grow by the fourth root of two: what is read back is wrong by a fifth at most, from 10 µs to about 10 s.
const perOctave = 4;
const firstMicros = 10;
const places = 80;

/** How long things took, as counts by place on a logarithmic scale. */
export type Durations = Uint32Array;

/** No durations. */
export const openDurations = (): Durations => new Uint32Array(places);

/** Adds one, in milliseconds. */
export function addDuration(durations: Durations, ms: number): void {
  const place = Math.floor(Math.log2((ms * 1000) / firstMicros) * perOctave) + 1;
  const index = place > 0 ? Math.min(place, places - 1) : 0;
  durations[index] = (durations[index] ?? 0) + 1;
}

/** All of them together. */
export function sumOf(all: readonly Durations[]): Durations {
  const sum = openDurations();
  for (const one of all) for (const [place, count] of one.entries()) sum[place] = (sum[place] ?? 0) + count;
  return sum;
}

/** The microseconds that a share of them, between 0 and 1, stayed below; undefined where there are none. */
export function quantileMicros(durations: Durations, share: number): number | undefined {
  let total = 0;
  for (const count of durations) total += count;
  if (total === 0) return undefined;
  let left = Math.max(1, Math.ceil(total * share));
  const index = durations.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return Math.round(firstMicros * 2 ** (index / perOctave));
}
