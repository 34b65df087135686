import { hash, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Json } from '../../core/json.ts';
import type { Principal } from '../../core/principal.ts';
import type { ClaimFault } from './claims.ts';
import type { CompactToken } from './compact.ts';

/** A token as it was read, without a fault. */
export type Token = Extract<CompactToken, { readonly ok: true }>;

/** A token as it was read, the key that its signature was verified with, and who it speaks of. */
export interface VerifiedToken {
  readonly token: Token;
  readonly key: KeyObject;
  /** What times, audience and the claims that are demanded have no part in. */
  readonly subject: Principal | ClaimFault;
}

/** How much is remembered. */
export interface CacheBounds {
  /** 0: nothing. */
  readonly maxTokens: number;
  readonly maxBytes: number;
}

/**
 * Remembers, by the SHA-256 of the whole token, that a signature held under a key, and who the token speaks of: nothing
 * else. Whoever finds a token here still compares the key with the one that the key set gives now, and judges issuer,
 * algorithm, type, times, audience and demanded claims anew.
 */
export interface VerifiedTokens {
  find(digest: string): VerifiedToken | undefined;
  /** length: the characters of the token. */
  keep(digest: string, verified: VerifiedToken, length: number): void;
}

// Measured (test/bench/identity.ts): what an entry takes whatever it holds, and what its claims take for each character.
const entryBytes = 1200;
const bytesACharacter = 4;

/** The name under which a token is remembered; the token itself is not kept. */
export const digestOf = (token: string): string => hash('sha256', token, 'base64');

/** An empty memory of one identity: an attacker cannot fill it, for only tokens with a good signature get in. */
export function openVerifiedTokens({ maxTokens, maxBytes }: CacheBounds): VerifiedTokens {
  if (maxTokens === 0) return { find: () => undefined, keep: () => {} };
  const tokens = new LRUCache<string, VerifiedToken>({ max: maxTokens, maxSize: maxBytes });
  return {
    find: (digest) => tokens.get(digest),
    keep: (digest, verified, length) => {
      // The claims are handed to many calls from now on.
      freeze(verified.token.claims);
      tokens.set(digest, Object.freeze(verified), { size: entryBytes + bytesACharacter * length });
    },
  };
}

function freeze(value: Json): void {
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) freeze(member);
  Object.freeze(value);
}
