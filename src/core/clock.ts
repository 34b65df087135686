/** The only source of time: tests inject their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch, for stamps and token lifetimes. */
  nowMs(): number;
  /** Milliseconds on a clock that never steps back, for durations and counters. */
  monotonicMs(): number;
}

/** The clock of the running process. */
export const systemClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
});
