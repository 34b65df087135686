import type { Subject } from '../../core/plan.ts';
import { fail } from '../../core/verdict.ts';
import type { Ended, PoolSignals } from './pool.ts';
import type { Thread } from './thread.ts';

type Outcome = Parameters<PoolSignals['payloadInspected']>[0];

/** A payload that waits for a thread or is looked at by one. */
export interface Job {
  readonly id: number;
  readonly subject: Subject;
  /** Undefined while it waits. */
  thread: Thread | undefined;
  /** Ends it, once; what comes later is not heard. */
  end(ended: Ended, outcome: Outcome): void;
}

/** What a job is opened with. */
interface JobOptions extends Pick<Job, 'id' | 'subject'> {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly signals: PoolSignals;
  /** It ended before a thread took it. */
  readonly onLeave: (job: Job) => void;
  readonly resolve: (ended: Ended) => void;
}

/** A failure of the pool itself. */
export const failedWith = (reason: 'inspection_failed' | 'inspection_timeout' | 'inspection_overloaded'): Ended => ({
  kind: 'failed',
  failure: fail(reason, { inspection: 'pool' }),
});

/** Opens a job; its time runs from now. */
export function openJob({ id, subject, signal, timeoutMs, signals, onLeave, resolve }: JobOptions): Job {
  const startMs = performance.now();
  let over = false;
  const job: Job = {
    id,
    subject,
    thread: undefined,
    end: (ended, outcome) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', abandon);
      if (job.thread === undefined) onLeave(job);
      signals.payloadInspected(outcome, performance.now() - startMs);
      resolve(ended);
    },
  };
  const timer = setTimeout(() => {
    const { thread } = job;
    job.end(failedWith('inspection_timeout'), 'timeout');
    // Nobody can tell how long it would go on.
    thread?.end().catch(() => {});
  }, timeoutMs);
  const abandon = (): void => {
    // The caller is gone. What is being looked at ends by itself, or by its time.
    if (job.thread === undefined) job.end(failedWith('inspection_timeout'), 'abandoned');
  };
  signal.addEventListener('abort', abandon, { once: true });
  return job;
}
