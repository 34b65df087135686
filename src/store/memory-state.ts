import type { Clock } from '../core/clock.ts';
import type { RecordTable, SharedLog, StateStore } from '../core/state.ts';
import { openMemoryLog } from './memory-log.ts';
import { openMemoryValues, type ValueBounds } from './memory-values.ts';

const defaultBounds: ValueBounds = { entries: 200_000, bytes: 128 * 1024 ** 2 };

/**
 * State in this process: gone with it, shared with nobody. Values are bounded, apart for those that were put and those that
 * were claimed; only what has no room is rejected.
 */
export function createMemoryState(clock: Clock, bounds: ValueBounds = defaultBounds): StateStore {
  const tables = new Map<string, RecordTable>();
  const logs = new Map<string, SharedLog>();
  return {
    shared: false,
    values: openMemoryValues(clock, bounds),
    table: (name) => held(tables, name, openTable),
    log: (name) => held(logs, name, () => openMemoryLog(clock)),
    close: async () => {},
  };
}

function held<T>(all: Map<string, T>, name: string, open: () => T): T {
  const one = all.get(name) ?? open();
  all.set(name, one);
  return one;
}

function openTable(): RecordTable {
  const records = new Map<string, string>();
  return {
    get: async (id) => records.get(id),
    put: async (id, record) => void records.set(id, record),
    remove: async (id) => records.delete(id),
    entries: async function* () {
      yield* [...records];
    },
  };
}
