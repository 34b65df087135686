/** Wakes everyone who waits for it. */
export interface Bell {
  ring(): void;
  /** Resolves when the bell rings, or after limitMs. */
  wait(limitMs?: number): Promise<void>;
}

/** A bell that nobody waits for yet. */
export function createBell(): Bell {
  let sleepers: (() => void)[] = [];
  return {
    ring: () => {
      const woken = sleepers;
      sleepers = [];
      for (const wake of woken) wake();
    },
    wait: (limitMs) =>
      new Promise((resolve) => {
        // Whoever only waits keeps no process alive.
        const timer = limitMs === undefined ? undefined : setTimeout(resolve, limitMs).unref();
        sleepers.push(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}
