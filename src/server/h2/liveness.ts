import type { Limits } from './limits.ts';

/** What becomes of a connection in which nothing moves: `ask` whether the other side is there, `drain` it, or `end` it at once. */
type Remedy = 'none' | 'ask' | 'drain' | 'end' | 'greeting';

/** Knows when something last happened on a connection. */
export interface Liveness {
  /** The first settings came. */
  greeted(): void;
  /** Bytes came: the other side is there. */
  heard(): void;
  /** A call came. */
  called(): void;
  /** The other side does not read, or does so again. */
  stalled(is: boolean): void;
  /** What is to be done now; greeting: it is to be ended, for it never said what it wants. */
  remedy(busy: boolean): Remedy;
}

/** Opens the life of a connection. */
export function openLiveness(limits: Limits, nowMs: () => number): Liveness {
  const bornMs = nowMs();
  let hasGreeted = false;
  let heardMs = bornMs;
  let calledMs = bornMs;
  let askedMs: number | undefined;
  let stalledMs: number | undefined;
  return {
    greeted: () => {
      hasGreeted = true;
    },
    heard: () => {
      heardMs = nowMs();
      askedMs = undefined;
    },
    called: () => {
      calledMs = heardMs;
    },
    stalled: (is) => {
      stalledMs = is ? (stalledMs ?? nowMs()) : undefined;
    },
    remedy: (busy) => {
      const now = nowMs();
      if (!hasGreeted) return now - bornMs > limits.greetingMs ? 'greeting' : 'none';
      if (stalledMs !== undefined && now - stalledMs > limits.stalledMs) return 'end';
      if (askedMs !== undefined) return now - askedMs > limits.keepaliveTimeoutMs ? 'end' : 'none';
      if (!busy && now - calledMs > limits.idleMs) {
        // To drain is to ask, too: who does not answer is not there.
        askedMs = now;
        return 'drain';
      }
      if (now - heardMs <= limits.keepaliveMs) return 'none';
      askedMs = now;
      return 'ask';
    },
  };
}
