import { fail } from '../../core/verdict.ts';
import type { Ended, PoolSignals } from './pool.ts';
import type { Thread } from './thread.ts';

type Outcome = Parameters<PoolSignals['payloadInspected']>[0];

/** A body that waits for a thread, or that one is at. */
export interface Job {
  readonly id: number;
  readonly given: unknown;
  /** Undefined while it waits. */
  thread: Thread | undefined;
  /** What is left of its time. */
  leftMs(): number;
  /** Ends it, once; what comes later is not heard. */
  end(ended: Ended<unknown>, outcome: Outcome): void;
}

/** What a job is opened with. */
interface JobOptions extends Pick<Job, 'id' | 'given'> {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly signals: PoolSignals;
  /** It ended before a thread took it. */
  readonly onLeave: (job: Job) => void;
  readonly resolve: (ended: Ended<unknown>) => void;
}

// So long another thread takes at least until it has learned as much: one that ends within that had better live.
const graceMs = 1000;

/** A failure of the pool itself. */
export const failedWith = (
  reason: 'inspection_failed' | 'inspection_timeout' | 'inspection_overloaded',
): Ended<never> => ({ kind: 'failed', failure: fail(reason, { inspection: 'pool' }) });

/** Opens a job; its time runs from now. */
export function openJob({ id, given, signal, timeoutMs, signals, onLeave, resolve }: JobOptions): Job {
  const startMs = performance.now();
  let over = false;
  const job: Job = {
    id,
    given,
    thread: undefined,
    leftMs: () => startMs + timeoutMs - performance.now(),
    end: (ended, outcome) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abandon);
      if (job.thread === undefined) onLeave(job);
      signals.payloadInspected(outcome, performance.now() - startMs);
      resolve(ended);
    },
  };
  const timer = setTimeout(() => {
    job.end(failedWith('inspection_timeout'), 'timeout');
    // Nobody can tell how long it would go on.
    job.thread?.abandon(graceMs);
  }, timeoutMs);
  const abandon = (): void => {
    // The caller is gone. What is being looked at ends by itself, or by its time.
    if (job.thread === undefined) job.end(failedWith('inspection_timeout'), 'abandoned');
  };
  signal?.addEventListener('abort', abandon, { once: true });
  return job;
}
