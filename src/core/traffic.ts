/** Who is to blame for a request that went wrong. */
export type Cause = 'client' | 'policy' | 'gateway' | 'upstream';

/** Every cause, in the order of Tally.errors. */
export const causes: readonly Cause[] = Object.freeze(['client', 'policy', 'gateway', 'upstream']);

/** Classes of a status, in the order of Tally.requests; none: the request ended without one. */
export const statusClasses = Object.freeze(['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const);

/** Upper bounds of Tally.durations in seconds. */
export const durationBounds: readonly number[] = Object.freeze([
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
]);

/** What was counted of the requests of one client, or of one route. */
export interface Tally {
  readonly requests: Float64Array;
  readonly errors: Float64Array;
  /** Requests by how long they took, each below the first bound that holds it, the last place for what took longer. */
  readonly durations: Float64Array;
  durationSeconds: number;
  /** Bytes of bodies. */
  bytesIn: number;
  bytesOut: number;
}

/** What was counted until now, by client and by route; the name of all that are not told apart is `other`. */
export interface TrafficCounts {
  readonly clients: readonly NamedTally[];
  readonly routes: readonly NamedTally[];
}

/** A name and what was counted for it. */
export type NamedTally = readonly [name: string, tally: Tally];

/** The same, as threads hand it over: lists of names and rows of numbers, for to take apart thousands of small objects costs milliseconds. */
export interface PackedTraffic {
  readonly clients: PackedTallies;
  readonly routes: PackedTallies;
}

interface PackedTallies {
  readonly names: readonly string[];
  /** Of each name as many cells as a tally has. */
  readonly cells: Float64Array<ArrayBuffer>;
}

const errorsAt = statusClasses.length;
const durationsAt = errorsAt + causes.length;
const sumsAt = durationsAt + durationBounds.length + 1;
const width = sumsAt + 3;

/** Packs what was counted. */
export const packTraffic = ({ clients, routes }: TrafficCounts): PackedTraffic => ({
  clients: packTallies(clients),
  routes: packTallies(routes),
});

/** What was packed. */
export const unpackTraffic = ({ clients, routes }: PackedTraffic): TrafficCounts => ({
  clients: unpackTallies(clients),
  routes: unpackTallies(routes),
});

function packTallies(tallies: readonly NamedTally[]): PackedTallies {
  const cells = new Float64Array(tallies.length * width);
  for (const [index, [, { requests, errors, durations, durationSeconds, bytesIn, bytesOut }]] of tallies.entries()) {
    const from = index * width;
    cells.set(requests, from);
    cells.set(errors, from + errorsAt);
    cells.set(durations, from + durationsAt);
    cells.set([durationSeconds, bytesIn, bytesOut], from + sumsAt);
  }
  return { names: tallies.map(([name]) => name), cells };
}

const unpackTallies = ({ names, cells }: PackedTallies): readonly NamedTally[] =>
  names.map((name, index) => {
    const own = cells.subarray(index * width, (index + 1) * width);
    const [durationSeconds = 0, bytesIn = 0, bytesOut = 0] = own.subarray(sumsAt);
    const tally: Tally = {
      requests: own.subarray(0, errorsAt),
      errors: own.subarray(errorsAt, durationsAt),
      durations: own.subarray(durationsAt, sumsAt),
      durationSeconds,
      bytesIn,
      bytesOut,
    };
    return [name, tally];
  });
