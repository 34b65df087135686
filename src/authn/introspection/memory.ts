import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import { own } from '../../core/json.ts';
import type { Known } from './answer.ts';

/** How long, and how many, answers are remembered. */
export interface MemoryOptions {
  readonly activeMs: number;
  readonly inactiveMs: number;
  /** How much longer an active one may be found where nobody can be asked. */
  readonly staleMs: number;
  readonly maxTokens: number;
  /** For active tokens, as estimated. */
  readonly maxBytes: number;
}

/** What was said of a token. */
interface Remembered {
  readonly answer: Known;
  /** Whether it need not be asked again yet. */
  readonly fresh: boolean;
}

/** What providers said of tokens, by the SHA-256 of each. */
interface Memory {
  find(digest: string): Remembered | undefined;
  /** askedMs: when the question went out, on the clock that never steps back; what it says was true no later. */
  keep(digest: string, answer: Known, askedMs: number): void;
}

interface Entry {
  readonly answer: Known;
  readonly freshUntilMs: number;
  readonly untilMs: number;
  /** Its exp by the clock on the wall; infinite where it has none. */
  readonly expiresMs: number;
}

// Measured: what an entry takes whatever it holds, and what its members take at most for each byte of the answer.
const entryBytes = 1200;
const bytesAByte = 4;

/** An empty memory. Active and inactive tokens are apart: whoever makes tokens up cannot push a good one out. */
export function openMemory(options: MemoryOptions, clock: Clock): Memory {
  const { activeMs, inactiveMs, staleMs, maxTokens, maxBytes } = options;
  const active = new LRUCache<string, Entry>({ max: maxTokens, maxSize: maxBytes });
  const inactive = new LRUCache<string, Entry>({ max: maxTokens });
  return {
    find: (digest) => {
      const entry = active.get(digest) ?? inactive.get(digest);
      if (entry === undefined) return undefined;
      const nowMs = clock.monotonicMs();
      if (nowMs < entry.untilMs && clock.nowMs() < entry.expiresMs) {
        return { answer: entry.answer, fresh: nowMs < entry.freshUntilMs };
      }
      active.delete(digest);
      inactive.delete(digest);
      return undefined;
    },
    keep: (digest, answer, askedMs) => {
      active.delete(digest);
      inactive.delete(digest);
      if (answer.kind === 'inactive') {
        const untilMs = askedMs + inactiveMs;
        inactive.set(digest, { answer, freshUntilMs: untilMs, untilMs, expiresMs: Number.POSITIVE_INFINITY });
        return;
      }
      const freshUntilMs = askedMs + activeMs;
      const entry = { answer, freshUntilMs, untilMs: freshUntilMs + staleMs, expiresMs: expiryOf(answer) };
      active.set(digest, entry, { size: entryBytes + bytesAByte * answer.bytes });
    },
  };
}

function expiryOf({ claims }: Extract<Known, { readonly kind: 'active' }>): number {
  const exp = own(claims, 'exp');
  return typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY;
}
