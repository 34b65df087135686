import type { Clock } from '../../core/clock.ts';
import { longestPauseMs, pauseAfter } from '../provider-side/backoff.ts';

/** Leaves a provider alone that fails again and again. */
export interface Breaker {
  /** Whether it may be asked now; who gets true says later what came of it. After a rest, one alone gets true. */
  admits(): boolean;
  succeeded(): void;
  /** restMs: how long it asked to be left alone. */
  failed(restMs?: number): void;
}

const failuresToOpen = 5;

/** A breaker that is closed; each failure after a rest makes the next rest twice as long. */
export function openBreaker(clock: Clock): Breaker {
  let failures = 0;
  let rests = 0;
  let restsUntilMs: number | undefined;
  let probing = false;

  const rest = (ms: number): void => {
    restsUntilMs = clock.monotonicMs() + Math.min(ms, longestPauseMs);
    rests += 1;
    probing = false;
  };
  return {
    admits: () => {
      if (restsUntilMs === undefined) return true;
      if (probing || clock.monotonicMs() < restsUntilMs) return false;
      probing = true;
      return true;
    },
    succeeded: () => {
      [failures, rests, restsUntilMs, probing] = [0, 0, undefined, false];
    },
    failed: (restMs = 0) => {
      // Who had asked before the rest began tells nothing new.
      if (restsUntilMs !== undefined && !probing) return;
      failures += 1;
      const ownMs = failures >= failuresToOpen ? pauseAfter(rests + 1) : 0;
      if (Math.max(ownMs, restMs) > 0) rest(Math.max(ownMs, restMs));
    },
  };
}
