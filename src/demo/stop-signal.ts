const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const parentCheckMs = 250;

/** The wish to stop, told by a signal of the system. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Settles when it is told. */
  readonly told: Promise<void>;
  /** From now on signals have their usual effect. */
  forget(): void;
}

/**
 * Waits for the first SIGINT, SIGTERM or SIGHUP, or for the end of npm where npm has started us. Later ones change
 * nothing: a terminal and npm often both send one.
 */
export function awaitStopSignal(env: NodeJS.ProcessEnv, heard: () => void): StopSignal {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = (): void => {
    if (controller.signal.aborted) return;
    heard();
    controller.abort();
    resolve();
  };
  for (const name of names) process.on(name, listener);
  const timer = watchParent(env, listener);
  return {
    signal: controller.signal,
    told: promise,
    forget: () => {
      clearInterval(timer);
      for (const name of names) process.off(name, listener);
    },
  };
}

// npm puts a shell between itself and us that dies of a signal without passing it on: all that we see is another parent.
function watchParent({ npm_lifecycle_event }: NodeJS.ProcessEnv, gone: () => void): NodeJS.Timeout | undefined {
  if (npm_lifecycle_event === undefined) return undefined;
  const parent = process.ppid;
  return setInterval(() => process.ppid !== parent && gone(), parentCheckMs).unref();
}
