/** A while behind us, cut into slices of one length; what has passed out of it is forgotten. */
interface Slices<T> {
  /** The slice of a moment, a new one where there is none. */
  at(ms: number): T;
  /** The slices of the while that ends now, the oldest first, each with the moment at which it began; those in which nothing happened are left out. */
  until(nowMs: number): Generator<readonly [startMs: number, slice: T]>;
  readonly lengthMs: number;
  readonly count: number;
}

/** Opens so many slices. Moments are milliseconds since the epoch. */
export function openSlices<T>(count: number, lengthMs: number, open: () => T): Slices<T> {
  const stamps = new Float64Array(count).fill(-1);
  const slices: T[] = [];
  return {
    at: (ms) => {
      const stamp = Math.floor(ms / lengthMs);
      const place = stamp % count;
      const slice = stamps[place] === stamp ? slices[place] : undefined;
      if (slice !== undefined) return slice;
      const fresh = open();
      stamps[place] = stamp;
      slices[place] = fresh;
      return fresh;
    },
    until: function* (nowMs) {
      const last = Math.floor(nowMs / lengthMs);
      for (let stamp = last - count + 1; stamp <= last; stamp += 1) {
        const place = ((stamp % count) + count) % count;
        const slice = stamps[place] === stamp ? slices[place] : undefined;
        if (slice !== undefined) yield [stamp * lengthMs, slice] as const;
      }
    },
    lengthMs,
    count,
  };
}
