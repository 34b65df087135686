import { hash } from 'node:crypto';
import { errorName } from '../core/bug.ts';
import type { Log, Signals } from '../core/ports.ts';
import type { LogFollower, SharedLog } from '../core/state.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { wholeLifeMs } from './duration.ts';
import type { Link } from './link.ts';

/** What a log in Redis stands on. */
interface RedisLogOptions {
  readonly link: Link;
  readonly name: string;
  readonly keyPrefix: string;
  /** Ends each follower that is open. */
  readonly followers: Set<() => void>;
  readonly log: Log;
  readonly signals: Signals;
}

/** How often a follower looks: with an answer in time every replica hears of an entry well within half a second. */
const pollMs = 200;
/** Until everything has been taken once calls may be waiting for us; a look at a link that is not connected costs nothing. */
const eagerPollMs = 20;
/** Entries of one look, and expired ones that one append removes: they bound how long Redis serves nobody else. */
const batch = 500;
const sweep = 64;

// Entries end in another order than they came, so that a stream cannot be trimmed by its ids: a sorted set knows the end of
// each. The server's own clock decides, for it is the same one for all. The keys have no life of their own, because an
// eviction policy may take keys that have one away, and what has been revoked must not come back.
const text = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local over = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[3])
if #over > 0 then
  redis.call('XDEL', KEYS[1], unpack(over))
  redis.call('ZREM', KEYS[2], unpack(over))
end
local id = redis.call('XADD', KEYS[1], '*', 'e', ARGV[1])
redis.call('ZADD', KEYS[2], now + ARGV[2], id)
return id
`;
const appendScript = { text, sha: hash('sha1', text) };

/** A log as a stream, beside it a sorted set of when its entries end. The braces keep both in one slot of a cluster. */
export function openRedisLog({ link, name, keyPrefix, followers, log, signals }: RedisLogOptions): SharedLog {
  const stream = `${keyPrefix}l:{${name}}`;
  return {
    append: async (entry, keepMs) => {
      const args = [entry, String(wholeLifeMs(keepMs)), String(sweep)];
      await link.call((connection) => connection.run(appendScript, [stream, `${stream}:ends`], args));
    },
    follow: (take, caughtUp) => {
      const hand = (entry: string): void => {
        try {
          take(entry);
        } catch (error) {
          log.error({ log: name, error: errorName(error) }, 'an entry of a log could not be taken');
        }
      };
      const told = (current: boolean): void => signals.logFollowed(name, current);
      const follower = startFollower({ link, stream, hand, told, caughtUp });
      const end = (): void => {
        followers.delete(end);
        follower.close();
      };
      followers.add(end);
      return { ready: follower.ready, close: end };
    },
  };
}

interface FollowerOptions {
  readonly link: Link;
  readonly stream: string;
  readonly hand: (entry: string) => void;
  readonly told: (current: boolean) => void;
  readonly caughtUp: (() => void) | undefined;
}

const beginning = '0-0';

function startFollower({ link, stream, hand, told, caughtUp }: FollowerOptions): LogFollower {
  let last = beginning;
  let generation = -1;
  let ready = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const readOn = async (): Promise<void> => {
    if (generation !== link.generation) {
      // Another server may answer now, or the same one with its data put back: ids may begin anew.
      generation = link.generation;
      last = beginning;
    }
    for (;;) {
      const entries = readEntries(
        await link.call((connection) => connection.command('XREAD', 'COUNT', batch, 'STREAMS', stream, last)),
      );
      if (closed) return;
      for (const { id, entry } of entries) {
        last = id;
        if (entry !== undefined) hand(entry);
      }
      if (entries.length < batch) return;
    }
  };

  const look = async (): Promise<void> => {
    try {
      await readOn();
      if (closed) return;
      told(true);
      if (!ready) {
        ready = true;
        caughtUp?.();
      }
    } catch {
      // Away: the link has told the log, and the next look may find it back.
      if (!closed) told(false);
    }
    if (closed) return;
    timer = setTimeout(() => void look(), ready ? pollMs : eagerPollMs);
    timer.unref();
  };
  void look();
  return {
    ready: () => ready,
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** The entries of XREAD's reply on one stream; an entry that is not of our shape has only its id. */
function readEntries(reply: unknown): readonly { readonly id: string; readonly entry: string | undefined }[] {
  if (reply === null) return [];
  const [one]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const items: unknown = Array.isArray(one) ? one[1] : undefined;
  if (!Array.isArray(items)) throw new StoreUnavailable('the state store gave an odd reply');
  return items.map((item: unknown) => {
    const [id, fields]: readonly unknown[] = Array.isArray(item) ? item : [];
    if (typeof id !== 'string') throw new StoreUnavailable('the state store gave an odd reply');
    const [name, entry]: readonly unknown[] = Array.isArray(fields) ? fields : [];
    return { id, entry: name === 'e' && typeof entry === 'string' ? entry : undefined };
  });
}
