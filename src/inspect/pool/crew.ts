import type { WorkSpec } from './pool.ts';
import { startThread, type Thread } from './thread.ts';

/** The threads of a pool: one that ends is replaced. */
interface Crew {
  readonly threads: ReadonlySet<Thread>;
  /** Starts the threads that are missing. */
  complete(): void;
  /** Resolves once every thread has been idle; at once where there is none. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

// A thread that cannot even begin must not be started over and over at once.
const restartMs = 1000;

/** Opens a crew without threads; specs: what each learns first, onIdle: one of them has nothing to do. */
export function openCrew(size: number, specs: ReadonlyMap<number, WorkSpec>, onIdle: () => void): Crew {
  const threads = new Set<Thread>();
  const cold = new Set<() => void>();
  let closed = false;

  const tellWarm = (): void => {
    if (![...threads].every((thread) => thread.idle())) return;
    for (const resolve of cold) resolve();
    cold.clear();
  };
  const start = (): void => {
    const thread = startThread({
      specs,
      onIdle: () => {
        tellWarm();
        onIdle();
      },
      onGone: (useful) => {
        threads.delete(thread);
        if (closed) return;
        if (useful) start();
        else setTimeout(complete, restartMs).unref();
      },
    });
    threads.add(thread);
  };
  const complete = (): void => {
    while (!closed && threads.size < size) start();
  };
  return {
    threads,
    complete,
    warm: () =>
      new Promise((resolve) => {
        cold.add(resolve);
        tellWarm();
      }),
    close: async () => {
      closed = true;
      await Promise.all([...threads].map((thread) => thread.end()));
      threads.clear();
      tellWarm();
    },
  };
}
