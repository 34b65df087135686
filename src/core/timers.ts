/** What runs something later; tests inject their own. */
export interface Timers {
  /** Runs it once after so many milliseconds; the result takes that back. */
  after(delayMs: number, run: () => void): () => void;
}

// A longer delay would overflow and fire at once.
const longestMs = 2 ** 31 - 1;

/** The timers of the process; none of them keeps it alive. */
export const systemTimers: Timers = Object.freeze({
  after: (delayMs: number, run: () => void) => {
    const timer = setTimeout(run, Math.min(delayMs, longestMs)).unref();
    return () => clearTimeout(timer);
  },
});
