import type { Subject } from '../../core/plan.ts';
import { failedWith, type Job, openJob } from './job.ts';
import type { Ended, InspectorSpec, PoolLimits, PoolSignals } from './pool.ts';
import { startThread, type Thread } from './thread.ts';

/** The threads of a pool and the payloads that wait for them. */
interface Threads {
  learn(spec: InspectorSpec): number;
  forget(id: number): void;
  inspect(id: number, subject: Subject, signal: AbortSignal): Promise<Ended>;
  close(): Promise<void>;
}

// A thread that cannot even begin must not be started over and over at once.
const restartMs = 1000;

/** Opens the bookkeeping; threads start with the first spec. */
export function openThreads(limits: PoolLimits, signals: PoolSignals): Threads {
  const specs = new Map<number, InspectorSpec>();
  const threads = new Set<Thread>();
  const waiting: Job[] = [];
  let closed = false;
  let lastId = 0;

  const start = (): void => {
    const thread = startThread({
      specs,
      onIdle: dispatch,
      onGone: (useful) => {
        threads.delete(thread);
        if (closed) return;
        if (useful) start();
        else setTimeout(startMissing, restartMs).unref();
      },
    });
    threads.add(thread);
  };

  const startMissing = (): void => {
    while (!closed && threads.size < limits.threads) start();
  };

  function dispatch(): void {
    for (const thread of threads) {
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
      for (const thread of threads) thread.tell({ kind: 'learn', id: lastId, spec });
      startMissing();
      return lastId;
    },
    forget: (id) => {
      specs.delete(id);
      for (const thread of threads) thread.tell({ kind: 'forget', id });
    },
    inspect: (id, subject, signal) => {
      const full = waiting.length >= limits.queue && ![...threads].some((thread) => thread.idle());
      if (closed || full) {
        signals.payloadInspected('overloaded', 0);
        return Promise.resolve(failedWith('inspection_overloaded'));
      }
      return new Promise((resolve) => {
        waiting.push(openJob({ id, subject, signal, signals, timeoutMs: limits.timeoutMs, onLeave, resolve }));
        dispatch();
      });
    },
    close: async () => {
      closed = true;
      for (const job of [...waiting]) job.end(failedWith('inspection_failed'), 'failed');
      await Promise.all([...threads].map((thread) => thread.end()));
    },
  };
}
