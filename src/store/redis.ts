import { type Clock, systemClock } from '../core/clock.ts';
import type { Algorithm, CounterStore, LimitStatus } from '../core/limit.ts';
import type { Log, Signals } from '../core/ports.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { cutGroups, decodeReply, encodeGroups, type Group } from './batch.ts';
import { openLink } from './link.ts';
import { composeScript } from './script.ts';

/** What a Redis store is made of. */
interface RedisStoreOptions {
  /** redis://[user[:password]@]host[:port][/database], or rediss:// for TLS. */
  readonly url: string;
  readonly algorithms: Readonly<Record<string, Algorithm>>;
  /** How long a script call may take; default 20. Its hits may still count when it took longer. */
  readonly timeoutMs?: number;
  readonly signals: Signals;
  readonly log: Log;
  /** Before every key; default `portcullis:`. */
  readonly keyPrefix?: string;
  readonly clock?: Clock;
  /** For tests alone: the time that the script takes in place of the server's. */
  readonly scriptNowMs?: () => number;
}

/** Takes in one script call: it bounds how long Redis serves nobody else. */
const maxTakes = 256;

/**
 * Counters in Redis, shared by all who use the same one: one round trip for all takes of one turn of the event loop.
 * take rejects with StoreUnavailable at once while Redis is away, and after the timeout when it does not answer.
 */
export function createRedisStore(options: RedisStoreOptions): CounterStore {
  const { url, algorithms, timeoutMs = 20, signals, log, clock = systemClock, scriptNowMs } = options;
  // The second part is the version of the state's encoding.
  const keyPrefix = `${options.keyPrefix ?? 'portcullis:'}c1:`;
  const script = composeScript(algorithms);
  const linked = (connected: boolean): void => signals.storeLinked('counters', connected);
  const link = openLink({ url, name: 'counter store', timeoutMs, clock, log, linked, called: signals.storeCalled });
  const inFlight = new Set<Promise<void>>();
  let waiting: Group[] = [];
  let closed = false;

  const send = async (groups: readonly Group[]): Promise<void> => {
    const { keys, args } = encodeGroups(groups, script.places, keyPrefix, scriptNowMs?.());
    try {
      const statuses = await link.call(async (connection) =>
        decodeReply(groups, await connection.run(script, keys, args)),
      );
      statuses.forEach((some, index) => {
        groups[index]?.resolve(some);
      });
    } catch (error) {
      rejectAll(groups, error instanceof Error ? error.message : 'the counter store failed');
    }
  };

  const flush = (): void => {
    const groups = waiting;
    waiting = [];
    for (const cut of cutGroups(groups, maxTakes)) {
      const sent = send(cut).finally(() => inFlight.delete(sent));
      inFlight.add(sent);
    }
  };

  return {
    take: async (takes, mode) => {
      const unknown = takes.find(({ algorithm }) => !script.places.has(algorithm));
      if (unknown !== undefined) throw new TypeError(`unknown algorithm ${unknown.algorithm}`);
      if (takes.length === 0) return [];
      const why = closed ? 'the counter store is closed' : link.away;
      if (why !== undefined) throw new StoreUnavailable(why);
      return new Promise<readonly LimitStatus[]>((resolve, reject) => {
        // After the poll phase: all calls that this turn read from its sockets are there by then.
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ takes, mode, resolve, reject });
      });
    },
    close: async () => {
      closed = true;
      rejectAll(waiting.splice(0), 'the counter store is closed');
      await Promise.all(inFlight);
      link.close();
    },
  };
}

function rejectAll(groups: readonly Group[], why: string): void {
  for (const group of groups) group.reject(new StoreUnavailable(why));
}
