import type { Clock } from '../core/clock.ts';
import { own } from '../core/json.ts';
import type { Algorithm, CounterStore, LimitStatus, Step, Take, TakeMode } from '../core/limit.ts';
import { type CounterTable, createCounterTable } from './counter-table.ts';

/** What a memory store is made of. */
interface MemoryStoreOptions {
  readonly algorithms: Readonly<Record<string, Algorithm>>;
  readonly clock: Clock;
  /** The most counters that are kept. */
  readonly maxKeys: number;
}

/**
 * Time for counters: it begins at the epoch's time, for windows that are aligned to it, and runs with the monotonic
 * clock, because a wall clock that steps would open or freeze every limit.
 */
function counterTime(clock: Clock): () => number {
  const originMs = clock.nowMs() - clock.monotonicMs();
  return () => Math.floor(originMs + clock.monotonicMs());
}

/** Counters in this process: bounded, gone with it, shared with nobody. Rejects only for an unknown algorithm. */
export function createMemoryStore({ algorithms, clock, maxKeys }: MemoryStoreOptions): CounterStore {
  const nowMs = counterTime(clock);
  const table = createCounterTable(maxKeys);
  const algorithmOf = (name: string): Algorithm => {
    const algorithm = own(algorithms, name);
    if (algorithm === undefined) throw new TypeError(`unknown algorithm ${name}`);
    return algorithm;
  };
  return {
    take: async (takes, mode) => takeAll(table, takes, mode, nowMs(), algorithmOf),
    close: async () => {},
  };
}

function takeAll(
  table: CounterTable,
  takes: readonly Take[],
  mode: TakeMode,
  now: number,
  algorithmOf: (name: string) => Algorithm,
): readonly LimitStatus[] {
  const pending = new Map<string, Step>();
  const statuses = takes.map(({ key, algorithm, rule, hits }) => {
    const state = pending.get(key)?.state ?? table.state(key, now);
    const step = algorithmOf(algorithm).step(state, now, rule, hits);
    if (step.status.allowed && hits > 0) pending.set(key, step);
    return step.status;
  });
  if (mode === 'all_or_nothing' && statuses.some((status) => !status.allowed)) {
    // Nothing counted, so what is left is what was left before.
    return statuses.map((status, index) => look(status, takes[index]));
  }
  for (const [key, step] of pending) {
    table.write(key, step.state, now + Math.max(1, step.ttlMs), step.status.remaining === 0, now);
  }
  return statuses;

  function look(status: LimitStatus, take: Take | undefined): LimitStatus {
    if (take === undefined) return status;
    const { remaining, resetMs } = algorithmOf(take.algorithm).step(
      table.state(take.key, now),
      now,
      take.rule,
      0,
    ).status;
    return { ...status, remaining, resetMs };
  }
}
