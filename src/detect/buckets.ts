import type { Key } from './hash.ts';
import { openSlots } from './slots.ts';

/** A leaky bucket for each key, in columns. */
interface Buckets {
  /**
   * Pours something into the bucket of a key, unless the same was poured lately. Gives how much was poured since the bucket
   * was empty where it is full, else 0.
   */
  pour(key: Key, what: number, atMs: number): number;
}

interface BucketOptions {
  /** Buckets that are told apart. */
  readonly keys: number;
  /** What a bucket holds. */
  readonly capacity: number;
  /** How long one takes to leak. */
  readonly leakMs: number;
  /** How many of the last things of a bucket are remembered, to pour each once; 0: each time. */
  readonly remembered: number;
}

/** Opens buckets; 20 bytes and four for each thing that is remembered, for each key. */
export function openBuckets({ keys, capacity, leakMs, remembered }: BucketOptions): Buckets {
  const slots = openSlots(keys);
  const levels = new Float32Array(slots.size);
  /** Seconds. */
  const times = new Float64Array(slots.size);
  const poured = new Uint32Array(slots.size);
  const memory = new Uint32Array(slots.size * remembered);
  const isKnown = (slot: number, what: number): boolean => {
    const from = slot * remembered;
    for (let place = from; place < from + remembered; place += 1) if (memory[place] === what) return true;
    return false;
  };
  return {
    pour: (key, what, atMs) => {
      const claimed = slots.claim(key);
      const slot = claimed < 0 ? ~claimed : claimed;
      if (claimed < 0) {
        levels[slot] = 0;
        times[slot] = atMs;
        poured[slot] = 0;
        memory.fill(0, slot * remembered, (slot + 1) * remembered);
      }
      const tag = what >>> 0 || 1;
      if (remembered > 0 && isKnown(slot, tag)) return 0;
      const leaked = Math.max(0, atMs - (times[slot] ?? 0)) / leakMs;
      const level = Math.max(0, (levels[slot] ?? 0) - leaked);
      if (level === 0) poured[slot] = 0;
      times[slot] = Math.max(atMs, times[slot] ?? 0);
      levels[slot] = Math.min(capacity + 1, level + 1);
      const count = (poured[slot] ?? 0) + 1;
      poured[slot] = count;
      if (remembered > 0) memory[slot * remembered + (count % remembered)] = tag;
      // Worth keeping until it has leaked.
      slots.keep(slot, Math.max(0, (atMs + (level + 1) * leakMs) / 1000));
      return level + 1 > capacity ? count : 0;
    },
  };
}
