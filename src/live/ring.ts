/** The last few of many, each with its number. */
interface Ring<T> {
  push(value: T): void;
  /** What is kept of number from and later, the latest first. */
  latest(from?: number): Generator<readonly [number: number, value: T]>;
  /** The number that the next one gets; the first is 0. */
  readonly next: number;
}

/** Opens a ring that keeps so many. */
export function openRing<T>(size: number): Ring<T> {
  const places: T[] = [];
  let next = 0;
  return {
    push: (value) => {
      places[next % size] = value;
      next += 1;
    },
    latest: function* (from = 0) {
      const end = Math.max(from, next - size);
      for (let number = next - 1; number >= end; number -= 1) {
        const value = places[number % size];
        if (value !== undefined) yield [number, value] as const;
      }
    },
    get next() {
      return next;
    },
  };
}
