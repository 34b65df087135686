import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/ports.ts';
import { StoreUnavailable } from '../core/unavailable.ts';
import { createBreaker } from './breaker.ts';
import { type Connection, connect } from './connection.ts';
import { createDeadline } from './deadline.ts';

/** What a link to a Redis is made of. */
interface LinkOptions {
  readonly url: string;
  /** What it is for, as messages name it: "counter store". */
  readonly name: string;
  /** How long a call may take. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Hears that the connection was made, and that it was lost. */
  readonly linked: (connected: boolean) => void;
  /** Told of every call that went out. */
  readonly called: (outcome: 'ok' | 'error' | 'timeout', durationMs: number) => void;
}

/** A connection with the discipline of calls around it: bounded in time, and refused at once while nobody answers. */
export interface Link {
  /** Why a call would be refused now; undefined: it would go out. */
  readonly away: string | undefined;
  /** How often the connection was made; another number: what stood there before may be gone. */
  readonly generation: number;
  /** Sends a call. Rejects with a StoreUnavailable, whose message holds nothing of keys and values. */
  call<T>(send: (connection: Connection) => Promise<T>): Promise<T>;
  close(): void;
}

const breakerThreshold = 5;
const breakerPauseMs = 250;
/** Silence after which the connection is given up and made anew. */
const silenceMs = 1000;

/** Opens a link; it connects, and comes back after an outage, by itself. Throws a TypeError for what is no URL. */
export function openLink({ url, name, timeoutMs, clock, log, linked, called }: LinkOptions): Link {
  const connection = connect(url, { silenceMs, name, log, linked });
  const breaker = createBreaker({
    threshold: breakerThreshold,
    pauseMs: breakerPauseMs,
    monotonicMs: () => clock.monotonicMs(),
  });
  let closed = false;
  const away = (): string | undefined => {
    if (closed) return `the ${name} is closed`;
    if (!connection.ready) return `the ${name} is not connected`;
    return breaker.open ? `the ${name} did not answer and is left alone for a moment` : undefined;
  };
  return {
    get away() {
      return away();
    },
    get generation() {
      return connection.generation;
    },
    call: async (send) => {
      const why = away() ?? (breaker.admit() ? undefined : `the ${name} is being probed`);
      if (why !== undefined) throw new StoreUnavailable(why);
      const startMs = clock.monotonicMs();
      const deadline = createDeadline(timeoutMs, name);
      try {
        const reply = await deadline.race(send(connection));
        breaker.settle('answered');
        called('ok', clock.monotonicMs() - startMs);
        return reply;
      } catch (error) {
        breaker.settle(deadline.passed ? 'silent' : 'answered');
        called(deadline.passed ? 'timeout' : 'error', clock.monotonicMs() - startMs);
        const unavailable = error instanceof StoreUnavailable ? error : new StoreUnavailable(whyOf(error, name));
        log.debug?.({ problem: unavailable.message }, `a call of the ${name} failed`);
        throw unavailable;
      }
    },
    close: () => {
      closed = true;
      connection.close();
    },
  };
}

/** The code alone of what Redis says: the rest of its message may quote keys and values. */
function whyOf(error: unknown, name: string): string {
  const code = error instanceof Error ? /^[A-Z]{2,}\b/.exec(error.message)?.[0] : undefined;
  return code === undefined ? `the ${name} failed` : `the ${name} answered ${code}`;
}
