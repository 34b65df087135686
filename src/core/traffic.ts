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
