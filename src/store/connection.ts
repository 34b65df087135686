import { Redis } from 'ioredis';
import type { Log } from '../core/ports.ts';
import type { Script } from './script.ts';

/** A connection to one Redis that comes back by itself. */
export interface Connection {
  /** Whether a command can be sent now. */
  readonly ready: boolean;
  /** How often it was made. */
  readonly generation: number;
  /** Runs the script, loading it when Redis does not have it. Rejects with Redis's error; never waits for a connection. */
  run(script: Pick<Script, 'text' | 'sha'>, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** Sends a command. Rejects with Redis's error; never waits for a connection. */
  command(name: string, ...args: readonly (string | number)[]): Promise<unknown>;
  close(): void;
}

/** How a connection is watched and told of. */
interface ConnectionOptions {
  /** Silence after which it is given up and made anew. */
  readonly silenceMs: number;
  /** What it is for, as the log names it. */
  readonly name: string;
  readonly log: Log;
  /** Hears that it was made, and that it was lost. */
  readonly linked: (connected: boolean) => void;
}

const backoffMs = (attempt: number): number => Math.min(1000, 50 * 2 ** Math.min(attempt - 1, 5)) + Math.random() * 50;

/**
 * Redis as counters and state need it: nothing is queued while it is away, and nothing is ever sent twice, for a hit that is
 * sent again may count twice. Throws a TypeError for what is no URL. The URL is redis:// or rediss://, with user, password and database where they are needed.
 */
export function connect(url: string, { silenceMs, name, log, linked }: ConnectionOptions): Connection {
  const redis = createClient(url, silenceMs);
  let closing = false;
  let generation = 0;
  tellTransitions(redis, name, log, () => closing);
  linked(false);
  redis.on('ready', () => {
    generation += 1;
    linked(true);
  });
  redis.on('close', () => linked(false));
  redis.connect().catch(() => {}); // told by the error event
  return {
    get ready() {
      return redis.status === 'ready';
    },
    get generation() {
      return generation;
    },
    run: async (script, keys, args) => {
      try {
        return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
      } catch (error) {
        // NOSCRIPT is said before anything ran, so this second sending counts once.
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
        log.debug?.({ script: script.sha }, `the ${name} gets a script that it does not have`);
        return await redis.eval(script.text, keys.length, ...keys, ...args);
      }
    },
    command: (command, ...args) => redis.call(command, ...args),
    close: () => {
      closing = true;
      redis.disconnect();
    },
  };
}

function createClient(url: string, silenceMs: number): Redis {
  try {
    return new Redis(url, {
      protocol: 2,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2000,
      // A peer that vanished without a word is only noticed by its silence.
      socketTimeout: silenceMs,
      retryStrategy: backoffMs,
      // After a failover the old primary is a replica: connect anew, do not send the command again.
      reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 1 : false),
      disableClientInfo: true,
      // A user without INFO would fail the check, and a Redis that is still loading says so to every call.
      enableReadyCheck: false,
    });
  } catch {
    // Said anew, because the parser's own error carries the URL and with it the password.
    throw new TypeError('the Redis URL is not valid');
  }
}

/** One line when the connection is lost and one when it is back; errors of the same text are told once in between. */
function tellTransitions(redis: Redis, name: string, log: Log, closing: () => boolean): void {
  let told = '';
  let up = false;
  const away = (error: string): void => {
    if (error === told) return;
    told = error;
    log.warn({ error }, `the ${name} is away`);
  };
  // The message alone: the error's command would show the password.
  redis.on('error', (error: Error) => away(error.message));
  redis.on('close', () => {
    if (up && !closing()) away('the connection was closed');
    up = false;
  });
  redis.on('reconnecting', (pauseMs: number) => log.debug?.({ pauseMs }, `the ${name} is tried again`));
  redis.on('ready', () => {
    told = '';
    up = true;
    log.info({}, `the ${name} is connected`);
  });
}
