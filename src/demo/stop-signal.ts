const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The wish to stop, told by a signal of the system. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Settles when it is told. */
  readonly told: Promise<void>;
  /** From now on signals have their usual effect. */
  forget(): void;
}

/** Waits for the first SIGINT, SIGTERM or SIGHUP. Later ones change nothing: a terminal and npm often both send one. */
export function awaitStopSignal(heard: () => void): StopSignal {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = (): void => {
    if (controller.signal.aborted) return;
    heard();
    controller.abort();
    resolve();
  };
  for (const name of names) process.on(name, listener);
  return {
    signal: controller.signal,
    told: promise,
    forget: () => {
      for (const name of names) process.off(name, listener);
    },
  };
}
