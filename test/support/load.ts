/** Work that goes on in several lanes at once until it is stopped. */
export interface Load<T> {
  /** What came of it so far, in the order of the answers. */
  readonly results: readonly T[];
  /** Resolves after so many more results; rejects when a lane has failed. */
  more(count: number): Promise<void>;
  /** Lets every lane finish what it is at. Rejects with the first failure. */
  stop(): Promise<readonly T[]>;
}

/** Starts lanes that do the work again and again; each is told how many times it has done so. A failure ends all lanes. */
export function startLoad<T>(lanes: number, work: (turn: number, lane: number) => Promise<T>): Load<T> {
  const results: T[] = [];
  const waiting = new Set<{ readonly at: number; readonly done: () => void }>();
  let stopping = false;
  const wake = (all: boolean): void => {
    for (const waiter of waiting) {
      if (!all && results.length < waiter.at) continue;
      waiting.delete(waiter);
      waiter.done();
    }
  };
  const run = async (lane: number): Promise<void> => {
    for (let turn = 0; !stopping; turn += 1) {
      results.push(await work(turn, lane));
      wake(false);
    }
  };
  const ended = Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane))).finally(() => {
    stopping = true;
    wake(true);
  });
  ended.catch(() => {}); // whoever waits or stops hears of it
  return {
    results,
    more: async (count) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add({ at: results.length + count, done: resolve });
      if (stopping) resolve();
      await promise;
      if (stopping) await ended;
    },
    stop: async () => {
      stopping = true;
      await ended;
      return results;
    },
  };
}
