import { createExpiryHeap, type Expiring } from '../core/expiry-heap.ts';

interface Counter extends Expiring {
  readonly key: string;
  state: readonly number[];
  full: boolean;
}

/** States of counters by key, never more than a bound. */
export interface CounterTable {
  /** The state of a live counter. */
  state(key: string, nowMs: number): readonly number[] | undefined;
  /** Keeps a state; full: nothing is left on the counter, so losing it would let its caller start anew. */
  write(key: string, state: readonly number[], expiresMs: number, full: boolean, nowMs: number): void;
  readonly size: number;
}

/**
 * A table that makes room by dropping, in this order: what has expired, the counter written longest ago that has
 * something left, and only when all are full the one of those written longest ago. O(log n).
 */
export function createCounterTable(maxKeys: number): CounterTable {
  // A Map keeps its order of insertion: a counter that is written again goes to the end.
  const open = new Map<string, Counter>();
  const full = new Map<string, Counter>();
  const expiries = createExpiryHeap<Counter>();
  const shelf = (isFull: boolean): Map<string, Counter> => (isFull ? full : open);
  const find = (key: string): Counter | undefined => open.get(key) ?? full.get(key);

  const drop = (counter: Counter): void => {
    shelf(counter.full).delete(counter.key);
    expiries.remove(counter);
  };

  const makeRoom = (nowMs: number): void => {
    // Two for each new one: what has expired goes away by and by, also when there is room.
    for (let swept = 0; swept < 2; swept += 1) {
      const first = expiries.top;
      if (first === undefined || first.expiresMs > nowMs) break;
      drop(first);
    }
    if (open.size + full.size < maxKeys) return;
    const oldest = open.values().next().value ?? full.values().next().value;
    if (oldest !== undefined) drop(oldest);
  };

  return {
    state: (key, nowMs) => {
      const counter = find(key);
      return counter !== undefined && counter.expiresMs > nowMs ? counter.state : undefined;
    },
    write: (key, state, expiresMs, isFull, nowMs) => {
      const known = find(key);
      if (known === undefined) {
        makeRoom(nowMs);
        const counter = { key, state, expiresMs, full: isFull, place: 0 };
        shelf(isFull).set(key, counter);
        expiries.add(counter);
        return;
      }
      shelf(known.full).delete(key);
      known.state = state;
      known.expiresMs = expiresMs;
      known.full = isFull;
      shelf(isFull).set(key, known);
      expiries.moved(known);
    },
    get size() {
      return open.size + full.size;
    },
  };
}
