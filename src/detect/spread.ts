/** Guesses that come from many networks, few from each. */
interface Spread {
  /** Counts a guess; isNew: it was not seen lately. */
  guess(network: number, isNew: boolean, atMs: number): void;
  /** How many new guesses came in the last minute, where they are far more than usual and from many networks; else 0. */
  judge(nowMs: number): number;
  /** What is usual in a minute. */
  usual(): number;
}

interface SpreadOptions {
  /** Fewer new guesses than so many in a minute are never told of. */
  readonly least: number;
  /** How many times as many as usual are. */
  readonly ratio: number;
  /** From fewer networks they are the affair of each. */
  readonly networks: number;
}

const halfMs = 30_000;
const learnShare = 0.02;

/** Opens one, which looks at half a minute after the other. Both halves must be unusual: who only changed its key guesses once. */
export function openSpread({ least, ratio, networks }: SpreadOptions): Spread {
  let half = 0;
  let current = 0;
  let before = 0;
  let mean = 0;
  let seen = new Set<number>();
  let seenBefore = new Set<number>();
  const turn = (atMs: number): void => {
    const next = Math.floor(atMs / halfMs);
    if (next <= half) return;
    const passed = half === 0 ? 1 : next - half;
    // What is unusual is learnt ever so slowly.
    const bounded = Math.min(current, Math.max(ratio * mean, least / 2));
    mean += learnShare * (bounded - mean);
    if (passed > 1) mean *= (1 - learnShare) ** Math.min(passed - 1, 1000);
    before = passed === 1 ? current : 0;
    seenBefore = passed === 1 ? seen : new Set();
    current = 0;
    seen = new Set();
    half = next;
  };
  return {
    guess: (network, isNew, atMs) => {
      turn(atMs);
      if (!isNew) return;
      current += 1;
      if (seen.size < networks) seen.add(network);
    },
    judge: (nowMs) => {
      turn(nowMs);
      const enough = Math.max(least / 2, ratio * mean);
      const share = (nowMs % halfMs) / halfMs;
      // The half that is under way is judged by what it has come to so far.
      if (before < enough || current < enough * Math.max(0.5, share)) return 0;
      return seenBefore.size >= networks && seen.size >= Math.min(networks, Math.ceil(networks * share))
        ? before + current
        : 0;
    },
    usual: () => 2 * mean,
  };
}
