import type { Clock } from '../core/clock.ts';
import type { RecordTable, SharedLog, StateStore, ValueStore } from '../core/state.ts';

/** State in this process: gone with it, shared with nobody. Never rejects. */
export function createMemoryState(clock: Clock): StateStore {
  const tables = new Map<string, RecordTable>();
  const logs = new Map<string, SharedLog>();
  return {
    shared: false,
    values: openValues(clock),
    table: (name) => held(tables, name, openTable),
    log: (name) => held(logs, name, () => openLog(clock)),
    close: async () => {},
  };
}

function held<T>(all: Map<string, T>, name: string, open: () => T): T {
  const one = all.get(name) ?? open();
  all.set(name, one);
  return one;
}

function openValues(clock: Clock): ValueStore {
  const values = new Map<string, { readonly value: string; readonly endsMs: number }>();
  const live = (key: string) => {
    const entry = values.get(key);
    if (entry === undefined || entry.endsMs > clock.monotonicMs()) return entry;
    values.delete(key);
    return undefined;
  };
  const put = (key: string, value: string, ttlMs: number): void => {
    values.set(key, { value, endsMs: clock.monotonicMs() + ttlMs });
  };
  return {
    get: async (key) => live(key)?.value,
    put: async (key, value, ttlMs) => put(key, value, ttlMs),
    claim: async (key, value, ttlMs) => {
      if (live(key) !== undefined) return false;
      put(key, value, ttlMs);
      return true;
    },
    remove: async (key) => {
      const there = live(key) !== undefined;
      values.delete(key);
      return there;
    },
  };
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

function openLog(clock: Clock): SharedLog {
  let entries: { readonly entry: string; readonly endsMs: number }[] = [];
  const followers = new Set<(entry: string) => void>();
  return {
    append: async (entry, keepMs) => {
      const now = clock.monotonicMs();
      entries = [...entries.filter(({ endsMs }) => endsMs > now), { entry, endsMs: now + keepMs }];
      for (const take of followers) take(entry);
    },
    follow: (take) => {
      for (const { entry } of entries) take(entry);
      followers.add(take);
      return { ready: () => true, close: () => void followers.delete(take) };
    },
  };
}
