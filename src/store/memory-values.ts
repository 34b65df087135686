import type { Clock } from '../core/clock.ts';
import { createExpiryHeap, type Expiring } from '../core/expiry-heap.ts';
import type { ValueStore } from '../core/state.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { wholeLifeMs } from './duration.ts';

/** How much a shelf holds at most; two bytes count for a character. */
export interface ValueBounds {
  readonly entries: number;
  readonly bytes: number;
}

interface Entry extends Expiring {
  readonly key: string;
  readonly value: string;
  readonly bytes: number;
}

/** Values by key, never more than the bounds. */
interface Shelf {
  live(key: string, nowMs: number): Entry | undefined;
  drop(entry: Entry): void;
  /** Throws a StoreUnavailable when there is no room. */
  add(key: string, value: string, expiresMs: number, nowMs: number): void;
}

// What an entry takes besides its texts, roughly.
const entryBytes = 200;

/**
 * Values in memory. What was put and each kind of claim (its key up to the first slash) are bounded apart: among what was put, that which ends first makes
 * room; a claim is a mark against a second use, and forgetting it early would allow one, so a claim without room is refused.
 */
export function openMemoryValues(clock: Clock, bounds: ValueBounds): ValueStore {
  const put = openShelf(bounds, 'what ends first makes room');
  // One for each kind of claim, so that those of one kind never leave no room for another's.
  const claimed = new Map<string, Shelf>();
  const claimedLike = (key: string): Shelf => {
    const kind = key.slice(0, key.indexOf('/') + 1);
    const shelf = claimed.get(kind) ?? openShelf(bounds, 'refuse');
    claimed.set(kind, shelf);
    return shelf;
  };
  const live = (key: string, nowMs: number): readonly [Shelf, Entry] | undefined => {
    for (const shelf of [put, claimedLike(key)]) {
      const entry = shelf.live(key, nowMs);
      if (entry !== undefined) return [shelf, entry];
    }
    return undefined;
  };
  const remove = (key: string, nowMs: number): boolean => {
    const [shelf, entry] = live(key, nowMs) ?? [];
    if (entry !== undefined) shelf?.drop(entry);
    return entry !== undefined;
  };
  return {
    get: async (key) => live(key, clock.monotonicMs())?.[1].value,
    put: async (key, value, ttlMs) => {
      const nowMs = clock.monotonicMs();
      remove(key, nowMs);
      put.add(key, value, nowMs + wholeLifeMs(ttlMs), nowMs);
    },
    claim: async (key, value, ttlMs) => {
      const nowMs = clock.monotonicMs();
      if (live(key, nowMs) !== undefined) return false;
      claimedLike(key).add(key, value, nowMs + wholeLifeMs(ttlMs), nowMs);
      return true;
    },
    remove: async (key) => remove(key, clock.monotonicMs()),
  };
}

function openShelf(bounds: ValueBounds, whenFull: 'refuse' | 'what ends first makes room'): Shelf {
  const entries = new Map<string, Entry>();
  const expiries = createExpiryHeap<Entry>();
  let bytes = 0;
  const drop = (entry: Entry): void => {
    entries.delete(entry.key);
    expiries.remove(entry);
    bytes -= entry.bytes;
  };
  const sweep = (nowMs: number): void => {
    // Two for each new one: what has ended goes away by and by, also when there is room.
    for (let swept = 0; swept < 2; swept += 1) {
      const first = expiries.top;
      if (first === undefined || first.expiresMs > nowMs) return;
      drop(first);
    }
  };
  const makeRoom = (needed: number, nowMs: number): void => {
    if (needed > bounds.bytes) throw new StoreUnavailable('the value is too large for the state store');
    while (entries.size >= bounds.entries || bytes + needed > bounds.bytes) {
      const first = expiries.top;
      if (first === undefined) return;
      if (first.expiresMs > nowMs && whenFull === 'refuse') throw new StoreUnavailable('the state store is full');
      drop(first);
    }
  };
  return {
    drop,
    live: (key, nowMs) => {
      const entry = entries.get(key);
      if (entry === undefined || entry.expiresMs > nowMs) return entry;
      drop(entry);
      return undefined;
    },
    add: (key, value, expiresMs, nowMs) => {
      sweep(nowMs);
      const entry = { key, value, expiresMs, place: 0, bytes: entryBytes + 2 * (key.length + value.length) };
      makeRoom(entry.bytes, nowMs);
      entries.set(key, entry);
      expiries.add(entry);
      bytes += entry.bytes;
    },
  };
}
