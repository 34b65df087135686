import type { InspectElsewhere, InspectionPool, PoolLimits, PoolSignals } from './pool.ts';
import { openThreads } from './threads.ts';

/** Opens the pool; its threads start with the first inspections that are registered. */
export function openPool(limits: PoolLimits, signals: PoolSignals): InspectionPool {
  const threads = openThreads(limits, signals);
  // A plan that is gone takes its inspections with it, from the threads too.
  const forgotten = new FinalizationRegistry<number>((id) => threads.forget(id));
  return {
    inlineBytes: limits.inlineBytes,
    register: (spec) => {
      const id = threads.learn(spec);
      const inspect: InspectElsewhere = (subject, signal) => threads.inspect(id, subject, signal);
      forgotten.register(inspect, id);
      return inspect;
    },
    warm: () => threads.warm(),
    close: () => threads.close(),
  };
}
