import {
  budgetOf,
  type DoElsewhere,
  type InspectionPool,
  type PoolLimits,
  type PoolSignals,
  type WorkSpec,
} from './pool.ts';
import { openThreads } from './threads.ts';

/** Opens the pool; its threads start with the first work that is registered. */
export function openPool(limits: PoolLimits, signals: PoolSignals): InspectionPool {
  const threads = openThreads(limits, signals);
  // A plan that is gone takes its work with it, from the threads too.
  const forgotten = new FinalizationRegistry<number>((id) => threads.forget(id));
  return {
    inlineBytes: limits.inlineBytes,
    inlineBudgetMs: budgetOf(limits.timeoutMs),
    register: (work, spec) => {
      // The spec is of this kind, and what a thread makes of it is what this kind gives.
      const id = threads.learn({ work, spec } as WorkSpec);
      const run = ((given, signal) => threads.run(id, given, signal)) as DoElsewhere<typeof work>;
      forgotten.register(run, id);
      return run;
    },
    warm: () => threads.warm(),
    close: () => threads.close(),
  };
}
