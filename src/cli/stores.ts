import type { Settings } from '../config/compile.ts';
import { systemClock } from '../core/clock.ts';
import type { CounterStore } from '../core/limit.ts';
import type { Log, Signals } from '../core/ports.ts';
import type { StateStore } from '../core/state.ts';
import { algorithms } from '../limit/index.ts';
import { createMemoryState, createMemoryStore, createRedisState, createRedisStore } from '../store/index.ts';

/** The store that decides, and the memory that counts while it is away. */
interface Stores {
  readonly store: CounterStore;
  readonly local: CounterStore;
  readonly state: StateStore;
  close(): Promise<void>;
}

const maxKeys = 500_000;
// Counters have a stand-in when Redis is slow; sessions, replay marks and keys have none, so they may wait longer.
const statePatienceMs = 250;

/** Redis where the config names one, else memory alone. */
export function openStores({ url, timeoutMs }: Settings['redis'], signals: Signals, log: Log): Stores {
  const local = createMemoryStore({ algorithms, clock: systemClock, maxKeys });
  const store = url === undefined ? local : createRedisStore({ url, timeoutMs, algorithms, signals, log });
  const state = openState({ url, timeoutMs }, signals, log);
  const close = async (): Promise<void> => {
    await Promise.all([store.close(), state.close()]);
  };
  return { store, local, state, close };
}

/** The state alone, for commands that have nothing to count. */
export const openState = ({ url, timeoutMs }: Settings['redis'], signals: Signals, log: Log): StateStore =>
  url === undefined
    ? createMemoryState(systemClock)
    : createRedisState({ url, timeoutMs: Math.max(timeoutMs, statePatienceMs), signals, log });
