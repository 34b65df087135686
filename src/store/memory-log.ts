import type { Clock } from '../core/clock.ts';
import { createExpiryHeap, type Expiring } from '../core/expiry-heap.ts';
import type { SharedLog } from '../core/state.ts';
import { wholeLifeMs } from './duration.ts';

interface Kept extends Expiring {
  readonly entry: string;
}

/** A log in this process: what it holds is bounded by the lives of its entries. */
export function openMemoryLog(clock: Clock): SharedLog {
  // A Set keeps its order of insertion.
  const entries = new Set<Kept>();
  const expiries = createExpiryHeap<Kept>();
  const followers = new Set<(entry: string) => void>();
  const sweep = (nowMs: number): void => {
    for (let first = expiries.top; first !== undefined && first.expiresMs <= nowMs; first = expiries.top) {
      expiries.remove(first);
      entries.delete(first);
    }
  };
  return {
    append: async (entry, keepMs) => {
      const nowMs = clock.monotonicMs();
      sweep(nowMs);
      const kept = { entry, expiresMs: nowMs + wholeLifeMs(keepMs), place: 0 };
      entries.add(kept);
      expiries.add(kept);
      for (const take of followers) take(entry);
    },
    follow: (take, caughtUp) => {
      sweep(clock.monotonicMs());
      for (const { entry } of entries) take(entry);
      followers.add(take);
      if (caughtUp !== undefined) queueMicrotask(caughtUp);
      return { ready: () => true, close: () => void followers.delete(take) };
    },
  };
}
