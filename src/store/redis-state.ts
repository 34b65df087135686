import { type Clock, systemClock } from '../core/clock.ts';
import type { Log, Signals } from '../core/ports.ts';
import type { RecordTable, StateStore, ValueStore } from '../core/state.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { wholeLifeMs } from './duration.ts';
import { type Link, openLink } from './link.ts';
import { openRedisLog } from './redis-log.ts';

/** What the state in a Redis is made of. */
interface RedisStateOptions {
  /** redis://[user[:password]@]host[:port][/database], or rediss:// for TLS. */
  readonly url: string;
  /** How long a call may take; default 250. What was asked for may still be done when it took longer. */
  readonly timeoutMs?: number;
  readonly signals: Signals;
  readonly log: Log;
  /** Before every key; default `portcullis:`. */
  readonly keyPrefix?: string;
  readonly clock?: Clock;
}

/** How many fields one step of a walk over a table looks at: it bounds how long Redis serves nobody else. */
const walkSteps = 500;

/**
 * State in Redis, shared by all who use the same one: a value is a string with a life, a table a hash, a log a stream.
 * It has a connection of its own, so that a large value on its way holds up no counter.
 */
export function createRedisState(options: RedisStateOptions): StateStore {
  const { url, timeoutMs = 250, signals, log, clock = systemClock } = options;
  // The second part is the version of the layout.
  const prefix = `${options.keyPrefix ?? 'portcullis:'}s1:`;
  const linked = (connected: boolean): void => signals.storeLinked('state', connected);
  const link = openLink({ url, name: 'state store', timeoutMs, clock, log, linked, called: signals.stateCalled });
  const followers = new Set<() => void>();
  return {
    shared: true,
    values: openValues(link, `${prefix}v:`),
    table: (name) => openTable(link, `${prefix}t:${name}`),
    log: (name) => openRedisLog({ link, name, keyPrefix: prefix, followers, log, signals }),
    close: async () => {
      for (const end of followers) end();
      link.close();
    },
  };
}

type Argument = string | number;

const send = (link: Link, name: string, ...args: readonly Argument[]): Promise<unknown> =>
  link.call((connection) => connection.command(name, ...args));

/** What a reply is when it is not what the command can answer: somebody else's key, or no Redis at all. */
const oddReply = (): StoreUnavailable => new StoreUnavailable('the state store gave an odd reply');

async function readText(reply: Promise<unknown>): Promise<string | undefined> {
  const text = await reply;
  if (text === null) return undefined;
  if (typeof text !== 'string') throw oddReply();
  return text;
}

async function readCount(reply: Promise<unknown>): Promise<number> {
  const count = await reply;
  if (typeof count !== 'number') throw oddReply();
  return count;
}

function openValues(link: Link, prefix: string): ValueStore {
  const set = (key: string, value: string, ttlMs: number, ...more: readonly Argument[]): Promise<string | undefined> =>
    readText(send(link, 'SET', prefix + key, value, 'PX', wholeLifeMs(ttlMs), ...more));
  return {
    get: (key) => readText(send(link, 'GET', prefix + key)),
    put: async (key, value, ttlMs) => {
      await set(key, value, ttlMs);
    },
    claim: async (key, value, ttlMs) => (await set(key, value, ttlMs, 'NX')) !== undefined,
    remove: async (key) => (await readCount(send(link, 'DEL', prefix + key))) > 0,
  };
}

function openTable(link: Link, key: string): RecordTable {
  return {
    get: (id) => readText(send(link, 'HGET', key, id)),
    put: async (id, record) => {
      await readCount(send(link, 'HSET', key, id, record));
    },
    remove: async (id) => (await readCount(send(link, 'HDEL', key, id))) > 0,
    entries: async function* () {
      let cursor = '0';
      do {
        const page: unknown = await send(link, 'HSCAN', key, cursor, 'COUNT', walkSteps);
        const { next, pairs } = readPage(page);
        yield* pairs;
        cursor = next;
      } while (cursor !== '0');
    },
  };
}

function readPage(reply: unknown): { readonly next: string; readonly pairs: readonly (readonly [string, string])[] } {
  const [next, flat]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  if (typeof next !== 'string' || !Array.isArray(flat) || flat.length % 2 !== 0) throw oddReply();
  const texts: readonly string[] = flat.map(String);
  const pairs = texts.flatMap((id, index) => (index % 2 === 0 ? [[id, texts[index + 1] ?? ''] as const] : []));
  return { next, pairs };
}
