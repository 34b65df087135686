import { hash, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Json } from '../../core/json.ts';
import type { CompactToken } from './compact.ts';

/** A token as it was read, and the key that its signature was verified with. */
interface VerifiedToken {
  readonly token: Extract<CompactToken, { readonly ok: true }>;
  readonly key: KeyObject;
}

/**
 * Remembers, by the SHA-256 of the whole token, that a signature held under a key: nothing else. Whoever finds a token
 * here still compares the key with the one that the key set gives now, and judges issuer, type, times and audience anew.
 */
export interface VerifiedTokens {
  find(digest: string): VerifiedToken | undefined;
  keep(digest: string, verified: VerifiedToken, length: number): void;
}

// Counted in characters of tokens: an attacker cannot fill it, for only tokens with a good signature get in.
const maxLength = 8 * 1024 ** 2;
const maxTokens = 20_000;

/** The name under which a token is remembered; the token itself is not kept. */
export const digestOf = (token: string): string => hash('sha256', token, 'base64');

/** An empty memory of one identity. */
export function openVerifiedTokens(): VerifiedTokens {
  const tokens = new LRUCache<string, VerifiedToken>({ max: maxTokens, maxSize: maxLength });
  return {
    find: (digest) => tokens.get(digest),
    keep: (digest, verified, length) => {
      // The claims are handed to many calls from now on.
      freeze(verified.token.claims);
      tokens.set(digest, verified, { size: length });
    },
  };
}

function freeze(value: Json): void {
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) freeze(member);
  Object.freeze(value);
}
