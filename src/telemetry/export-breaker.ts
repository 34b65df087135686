/** Leaves a collector alone that takes nothing: nothing is made for it, nothing is sent to it, and now and then one try. */
interface ExportBreaker {
  /** Whether something may be made for the collector now; after a pause the first that asks is the probe. */
  admit(): boolean;
  /** Nothing is to be sent now; false while a probe is out. */
  readonly open: boolean;
  /** Tells how an export ended that was sent. */
  settle(ok: boolean): void;
}

/** What an export breaker goes by. */
interface ExportBreakerOptions {
  readonly monotonicMs: () => number;
  /** Hears that it opens, and that it closes again. */
  readonly changed: (away: boolean) => void;
}

// An export has tried again for its whole time before it fails: two of them are no coincidence.
const threshold = 2;
const firstPauseMs = 5000;
const longestPauseMs = 60_000;

/** A closed breaker. Its pauses double, from 5 s to a minute, for as long as probes fail. */
export function createExportBreaker({ monotonicMs, changed }: ExportBreakerOptions): ExportBreaker {
  let failures = 0;
  let pauseMs = firstPauseMs;
  let probeAtMs = 0;
  let probing = false;
  const away = (): boolean => failures >= threshold;
  return {
    admit: () => {
      if (!away()) return true;
      if (monotonicMs() < probeAtMs) return false;
      // A probe that is never settled must not be the last one.
      probeAtMs = monotonicMs() + pauseMs;
      probing = true;
      return true;
    },
    get open() {
      return away() && !probing;
    },
    settle: (ok) => {
      const before = away();
      failures = ok ? 0 : failures + 1;
      probing = false;
      if (!away()) pauseMs = firstPauseMs;
      else {
        if (before) pauseMs = Math.min(pauseMs * 2, longestPauseMs);
        probeAtMs = monotonicMs() + pauseMs;
      }
      if (before !== away()) changed(away());
    },
  };
}
