import { hash } from 'node:crypto';
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
}

/** What was said of a token. */
interface Remembered {
  readonly answer: Known;
  /** Whether it need not be asked again yet. */
  readonly fresh: boolean;
}

/** What providers said of tokens, by the SHA-256 of each. */
export interface Memory {
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

const maxBytes = 32 * 1024 ** 2;
// What an entry takes besides the text of its answer.
const entryBytes = 256;

/** The name under which a token is remembered; the token itself is not kept. */
export const digestOf = (token: string): string => hash('sha256', token, 'base64');

/** An empty memory. Active and inactive tokens are apart: whoever makes tokens up cannot push a good one out. */
export function openMemory({ activeMs, inactiveMs, staleMs, maxTokens }: MemoryOptions, clock: Clock): Memory {
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
      active.set(digest, entry, { size: answer.bytes + entryBytes });
    },
  };
}

function expiryOf({ claims }: Extract<Known, { readonly kind: 'active' }>): number {
  const exp = own(claims, 'exp');
  return typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY;
}
