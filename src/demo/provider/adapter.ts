import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/** What the provider keeps: sessions, codes, grants, refresh tokens. */
export interface ProviderMemory {
  readonly adapter: AdapterFactory;
  /** What is kept of a kind and not over. */
  all(kind: string): readonly AdapterPayload[];
}

interface Entry {
  readonly payload: AdapterPayload;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** Keeps state in memory, at most so many entries of all kinds together: the oldest go first. */
export function createMemory(maxEntries = 10_000): ProviderMemory {
  const entries = new Map<string, Entry>();
  const read = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.untilMs > Date.now()) return entry?.payload;
    entries.delete(key);
    return undefined;
  };
  const write = (key: string, entry: Entry): void => {
    entries.delete(key);
    entries.set(key, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= maxEntries) break;
      entries.delete(oldest);
    }
  };
  const all = (kind: string): readonly AdapterPayload[] =>
    [...entries.keys()]
      .filter((key) => key.startsWith(`${kind}:`))
      .flatMap((key): readonly AdapterPayload[] => {
        const payload = read(key);
        return payload === undefined ? [] : [payload];
      });
  const adapter = (kind: string): Adapter => ({
    upsert: async (id, payload, expiresIn) => {
      write(`${kind}:${id}`, { payload, untilMs: Date.now() + (expiresIn ?? Number.POSITIVE_INFINITY) * 1000 });
    },
    find: async (id) => read(`${kind}:${id}`),
    findByUid: async (uid) => all(kind).find((payload) => payload.uid === uid),
    // There are no devices here.
    findByUserCode: async () => undefined,
    consume: async (id) => {
      const entry = entries.get(`${kind}:${id}`);
      if (entry === undefined) return;
      entries.set(`${kind}:${id}`, {
        ...entry,
        payload: { ...entry.payload, consumed: Math.floor(Date.now() / 1000) },
      });
    },
    destroy: async (id) => {
      entries.delete(`${kind}:${id}`);
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
    },
  });
  return { adapter, all };
}
