import { openCrew } from './crew.ts';
import { failedWith, type Job, openJob } from './job.ts';
import { budgetOf, type Ended, type PoolLimits, type PoolSignals, type WorkSpec } from './pool.ts';

/** The threads of a pool and the bodies that wait for them. */
interface Threads {
  learn(spec: WorkSpec): number;
  forget(id: number): void;
  run(id: number, given: unknown, signal: AbortSignal | undefined): Promise<Ended<unknown>>;
  /** Resolves once every thread is ready for what it has been told. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the bookkeeping; threads start with the first spec. */
export function openThreads(limits: PoolLimits, signals: PoolSignals): Threads {
  const specs = new Map<number, WorkSpec>();
  const crew = openCrew(limits.threads, specs, dispatch);
  const waiting: Job[] = [];
  let closed = false;
  let lastId = 0;

  function dispatch(): void {
    for (const thread of crew.threads) {
      if (!thread.idle()) continue;
      const job = waiting.shift();
      if (job === undefined) return;
      job.thread = thread;
      const { id, given } = job;
      thread.run({ id, given, budgetMs: budgetOf(job.leftMs()) }, (outcome) => {
        if (outcome.kind === 'done') job.end(outcome, 'ok');
        else job.end(failedWith('inspection_failed'), 'failed');
      });
    }
  }

  const onLeave = (job: Job): void => {
    const at = waiting.indexOf(job);
    if (at >= 0) waiting.splice(at, 1);
  };

  return {
    learn: (spec) => {
      lastId += 1;
      specs.set(lastId, spec);
      for (const thread of crew.threads) thread.tell({ kind: 'learn', id: lastId, ...spec });
      crew.complete();
      return lastId;
    },
    forget: (id) => {
      specs.delete(id);
      for (const thread of crew.threads) thread.tell({ kind: 'forget', id });
    },
    run: (id, given, signal) => {
      const full = waiting.length >= limits.queue && ![...crew.threads].some((thread) => thread.idle());
      if (closed || full) {
        signals.payloadInspected('overloaded', 0);
        return Promise.resolve(failedWith('inspection_overloaded'));
      }
      return new Promise((resolve) => {
        waiting.push(openJob({ id, given, signal, signals, timeoutMs: limits.timeoutMs, onLeave, resolve }));
        dispatch();
      });
    },
    warm: () => crew.warm(),
    close: async () => {
      closed = true;
      for (const job of [...waiting]) job.end(failedWith('inspection_failed'), 'failed');
      await crew.close();
    },
  };
}
