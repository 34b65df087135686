import type { Subject } from '../../core/plan.ts';
import { openCrew } from './crew.ts';
import { failedWith, type Job, openJob } from './job.ts';
import type { Ended, InspectorSpec, PoolLimits, PoolSignals } from './pool.ts';

/** The threads of a pool and the payloads that wait for them. */
interface Threads {
  learn(spec: InspectorSpec): number;
  forget(id: number): void;
  inspect(id: number, subject: Subject, signal: AbortSignal): Promise<Ended>;
  /** Resolves once every thread is ready for what it has been told. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the bookkeeping; threads start with the first spec. */
export function openThreads(limits: PoolLimits, signals: PoolSignals): Threads {
  const specs = new Map<number, InspectorSpec>();
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
      thread.run(job.id, job.subject, (verdict) => {
        if (verdict === undefined) job.end(failedWith('inspection_failed'), 'failed');
        else job.end({ kind: 'verdict', verdict }, 'ok');
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
      for (const thread of crew.threads) thread.tell({ kind: 'learn', id: lastId, spec });
      crew.complete();
      return lastId;
    },
    forget: (id) => {
      specs.delete(id);
      for (const thread of crew.threads) thread.tell({ kind: 'forget', id });
    },
    inspect: (id, subject, signal) => {
      const full = waiting.length >= limits.queue && ![...crew.threads].some((thread) => thread.idle());
      if (closed || full) {
        signals.payloadInspected('overloaded', 0);
        return Promise.resolve(failedWith('inspection_overloaded'));
      }
      return new Promise((resolve) => {
        waiting.push(openJob({ id, subject, signal, signals, timeoutMs: limits.timeoutMs, onLeave, resolve }));
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
