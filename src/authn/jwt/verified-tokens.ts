import { hash, type KeyObject } from 'node:crypto';
import { frozen } from '../../core/json.ts';
import type { Claims, Principal } from '../../core/principal.ts';
import type { TokenAlgorithm } from '../algorithms.ts';
import type { ClaimFault } from './claims.ts';

/** A token that is of the issuer, with an algorithm and of a type that its identity takes: what it needs of its header. */
export interface AcceptableToken {
  readonly ok: true;
  readonly alg: TokenAlgorithm;
  readonly kid: string | undefined;
  readonly claims: Claims;
}

/** Such a token, the key that its signature was verified with, and who it speaks of. */
export interface VerifiedToken {
  readonly token: AcceptableToken;
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
 * else. Whoever finds a token here still compares the key with the one that the key set gives now, and judges times,
 * audience and demanded claims anew.
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

/**
 * An empty memory of one identity: an attacker cannot fill it, for only tokens with a good signature get in. What was
 * verified first is forgotten first: a token that is still in use is then verified once more, and to keep track of use
 * would cost every call more than that.
 */
export function openVerifiedTokens({ maxTokens, maxBytes }: CacheBounds): VerifiedTokens {
  const tokens = new Map<string, { readonly verified: VerifiedToken; readonly bytes: number }>();
  let total = 0;
  const forget = (digest: string): void => {
    total -= tokens.get(digest)?.bytes ?? 0;
    tokens.delete(digest);
  };
  return {
    find: (digest) => tokens.get(digest)?.verified,
    keep: (digest, verified, length) => {
      // The claims are handed to many calls from now on.
      frozen(verified.token.claims);
      const bytes = entryBytes + bytesACharacter * length;
      forget(digest);
      tokens.set(digest, { verified: Object.freeze(verified), bytes });
      total += bytes;
      for (const oldest of tokens.keys()) {
        if (tokens.size <= maxTokens && total <= maxBytes) return;
        forget(oldest);
      }
    },
  };
}
