// The bits of one number that two threads share.
const [within, barred] = [1, 2];

let own: Int32Array | undefined;

/** Says from now on, in memory that it shares with another thread, when this thread is in native code. */
export function showNativeCode(shared: Int32Array): void {
  own = shared;
}

/** Does something in native code; throws where this thread has been barred from it, for it is about to be cut off. */
export function inNativeCode<T>(call: () => T): T {
  const shared = own;
  if (shared === undefined) return call();
  try {
    if ((Atomics.or(shared, 0, within) & barred) !== 0) throw new Error('this thread is about to end');
    return call();
  } finally {
    Atomics.and(shared, 0, ~within);
    Atomics.notify(shared, 0);
  }
}

/**
 * Another thread's way into native code, from outside. A thread that is cut off within it takes the whole process along
 * (Node-API: an error that cannot be thrown any more is fatal), so it is barred first, and cut off once it is outside.
 */
export interface Door {
  /** For showNativeCode, in the other thread. */
  readonly shared: Int32Array;
  /** Bars the thread from going in; true: it is outside, and stays there. */
  bar(): boolean;
  /** Bars it and holds this thread until it is outside, or for so many milliseconds. */
  barAndWait(mostMs: number): void;
}

/** Opens the door of a thread that is yet to start. */
export function openDoor(): Door {
  const shared = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const bar = (): boolean => (Atomics.or(shared, 0, barred) & within) === 0;
  return {
    shared,
    bar,
    barAndWait: (mostMs) => {
      if (!bar()) Atomics.wait(shared, 0, within | barred, mostMs);
    },
  };
}
