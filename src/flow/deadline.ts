/** A signal that aborts when the caller is gone or its time is nearly up. */
interface Deadline {
  readonly signal: AbortSignal;
  /** Ends the watch on the clock; the signal stays as it is. */
  close(): void;
}

// The answer must still travel back, also when we are busy: a denial that Envoy no longer waits for explains nothing.
const marginMs = (remainingMs: number): number => Math.max(10, remainingMs / 10);

/** Opens the deadline of a call: at most budgetMs, and a little before the caller's own deadline. */
export function openDeadline(caller: AbortSignal, remainingMs: number | undefined, budgetMs: number): Deadline {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const callerMs = remainingMs === undefined ? budgetMs : Math.max(1, remainingMs - marginMs(remainingMs));
  const timer = setTimeout(abort, Math.min(budgetMs, callerMs));
  if (caller.aborted) abort();
  caller.addEventListener('abort', abort, { once: true });
  const close = (): void => {
    clearTimeout(timer);
    caller.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, close };
}
