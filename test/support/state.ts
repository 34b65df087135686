import type { TestContext } from 'node:test';
import { type Log, type Signals, silentLog, silentSignals } from '../../src/core/ports.ts';
import type { StateStore } from '../../src/core/state.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { createRedisState } from '../../src/store/index.ts';

interface RedisParts {
  readonly timeoutMs?: number;
  readonly signals?: Signals;
  readonly log?: Log;
}

/** State in a Redis, patient unless told otherwise. */
export const redisState = (url: string, parts: RedisParts = {}): StateStore =>
  createRedisState({ url, timeoutMs: 5000, signals: silentSignals, log: silentLog, ...parts });

/** Resolves once a store answers. */
export const answers = (store: StateStore): Promise<void> =>
  waitFor({
    what: 'the state store answers',
    holds: () =>
      store.values.get('any').then(
        () => true,
        () => false,
      ),
  });

/** A store of a Redis, which is closed after the test. */
export async function openState(context: TestContext, url: string, parts: RedisParts = {}): Promise<StateStore> {
  const store = redisState(url, parts);
  context.after(() => store.close());
  await answers(store);
  return store;
}

/** Everything that a log hands over, in its order. */
export function listen(context: TestContext, store: StateStore, name: string) {
  const heard: string[] = [];
  const follower = store.log(name).follow((entry) => heard.push(entry));
  context.after(() => follower.close());
  return { heard, follower };
}

/** Resolves once these entries are among what is heard. */
export const hears = (heard: readonly string[], ...entries: readonly string[]): Promise<void> =>
  waitFor({
    what: `${entries} is heard`,
    holds: async () => entries.every((entry) => heard.includes(entry)),
  });

/** Every record of a table by its id. */
export const collect = async (store: StateStore, table: string): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for await (const [id, record] of store.table(table).entries()) found.set(id, record);
  return found;
};
