/** A signal that never aborts: for work that no single call ends, because others wait for it too. */
export const nobodysSignal: AbortSignal = new AbortController().signal;

/** Resolves when the work is done or has failed, after boundMs at the latest. */
export async function settleWithin(work: Promise<unknown>, boundMs: number): Promise<void> {
  const { promise: expired, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, boundMs);
  await Promise.race([Promise.allSettled([work]), expired]);
  clearTimeout(timer);
}

/** What comes of the work, or the stand-in as soon as the signal aborts; the work goes on, for others may wait for it. */
export async function unlessAborted<T, U>(work: Promise<T>, signal: AbortSignal, standIn: U): Promise<T | U> {
  const { promise: aborted, resolve } = Promise.withResolvers<U>();
  const onAbort = (): void => resolve(standIn);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** What follows from a value: at once where it is there, else as soon as it is. */
export const whenKnown = <T, U>(value: T | Promise<T>, next: (value: T) => U | Promise<U>): U | Promise<U> =>
  value instanceof Promise ? value.then(next) : next(value);
