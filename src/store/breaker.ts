/** Stops calls to something that does not answer, and lets one call through now and then to see whether it is back. */
interface Breaker {
  /** Whether a call may go out now; after a pause the first that asks is the probe, and must be settled. */
  admit(): boolean;
  /** Whether admit would say yes, without being the probe. */
  readonly open: boolean;
  /** Tells how an admitted call ended: any answer, also an error, is a sign of life. */
  settle(outcome: 'answered' | 'silent'): void;
}

/** What a breaker goes by; both numbers are small, so that a short pause of the store costs little. */
interface BreakerOptions {
  /** Silent calls in a row that open it. */
  readonly threshold: number;
  /** Milliseconds until a probe. */
  readonly pauseMs: number;
  readonly monotonicMs: () => number;
}

/** A closed breaker. */
export function createBreaker({ threshold, pauseMs, monotonicMs }: BreakerOptions): Breaker {
  let silent = 0;
  let probeAtMs = 0;
  const refuses = (): boolean => silent >= threshold && monotonicMs() < probeAtMs;
  return {
    admit: () => {
      if (refuses()) return false;
      // While the probe is out the rest is refused for another pause.
      if (silent >= threshold) probeAtMs = monotonicMs() + pauseMs;
      return true;
    },
    get open() {
      return refuses();
    },
    settle: (outcome) => {
      silent = outcome === 'answered' ? 0 : silent + 1;
      if (silent >= threshold) probeAtMs = monotonicMs() + pauseMs;
    },
  };
}
