/** Wakes everyone who waits for it. */
export interface Bell {
  ring(): void;
  /** Resolves when the bell rings, or after limitMs. */
  wait(limitMs?: number): Promise<void>;
}

/** A bell that nobody waits for yet. */
export function createBell(): Bell {
  const sleepers = new Set<() => void>();
  return {
    ring: () => {
      const woken = [...sleepers];
      sleepers.clear();
      for (const wake of woken) wake();
    },
    wait: (limitMs) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          sleepers.delete(wake);
          resolve();
        };
        // Whoever only waits keeps no process alive.
        const timer = limitMs === undefined ? undefined : setTimeout(wake, limitMs).unref();
        sleepers.add(wake);
      }),
  };
}
