import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type KeyWords, keyTableName, readRecord, recordNameOf } from '../../authn/index.ts';
import type { StateStore } from '../../core/state.ts';
import { StoreUnavailable } from '../../core/unavailable.ts';
import { type KeyBook, KeysProblem } from './book.ts';

const patienceMs = 10_000;
const pauseMs = 25;
/** A command that dies with the lock holds up the others no longer than this. */
const lockMs = 15_000;

/** The keys of an identity in the shared store as a book: every replica sees a change within a second. */
export function sharedBook(state: StateStore, identity: string): KeyBook {
  const table = state.table(keyTableName(identity));
  const lock = `${keyTableName(identity)}/lock`;
  const list = async (): Promise<ReadonlyMap<string, KeyWords>> => {
    const entries: KeyWords[] = [];
    for await (const [name, text] of table.entries()) {
      // What readRecord has nothing against is an entry in words.
      if (readRecord(name, text) !== undefined) entries.push(JSON.parse(text) as KeyWords);
    }
    return new Map(entries.sort((a, b) => (a.id < b.id ? -1 : 1)).map((entry) => [entry.id, entry]));
  };
  const change: KeyBook['change'] = async (edit) => {
    const holder = randomUUID();
    const until = performance.now() + patienceMs;
    while (!(await state.values.claim(lock, holder, lockMs))) {
      if (performance.now() > until) throw new KeysProblem(`somebody else changes the keys of ${identity}; try again`);
      await pause(pauseMs);
    }
    try {
      for (const put of edit(await list())) {
        const name = recordNameOf(put);
        if (name !== undefined) await table.put(name, JSON.stringify(put));
      }
    } finally {
      if ((await state.values.get(lock)) === holder) await state.values.remove(lock);
    }
  };
  return {
    place: `the shared store, identity ${identity}`,
    list: () => reachable(state, async () => (await list()).values()),
    change: (edit) => reachable(state, () => change(edit)),
    close: () => state.close(),
  };
}

/** Waits until the store answers, which a fresh connection does not at once. */
async function reachable<T>({ values }: StateStore, then: () => Promise<T>): Promise<T> {
  const until = performance.now() + patienceMs / 2;
  try {
    for (;;) {
      const there = await values.get('any').then(
        () => true,
        (error: unknown) => {
          if (performance.now() > until) throw error;
          return false;
        },
      );
      if (there) return await then();
      await pause(pauseMs);
    }
  } catch (error) {
    if (error instanceof StoreUnavailable)
      throw new KeysProblem('Redis does not answer; is redis.url of the config right?');
    throw error;
  }
}
