import type { KeyObject } from 'node:crypto';
import { frozen } from '../../core/json.ts';
import type { Claims, Principal } from '../../core/principal.ts';
import type { TokenAlgorithm } from '../algorithms.ts';
import type { ClaimFault } from '../token/claim-faults.ts';

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
 * Remembers that a signature held under a key, and who the token speaks of: nothing else. Whoever finds a token here still
 * compares the key with the one that the key set gives now, and judges times, audience and demanded claims anew.
 */
export interface VerifiedTokens {
  /** What is remembered of this very token: of one that differs in a single character nothing is. */
  find(token: string): VerifiedToken | undefined;
  keep(token: string, verified: VerifiedToken): void;
}

// Measured (test/bench/identity.ts): what an entry takes whatever it holds, and what its text and its claims take for each
// character.
const entryBytes = 1500;
const bytesACharacter = 5;

// The last 72 bits of a signature tell tokens apart, and cost nothing to make. They are not relied on: the whole token is
// compared, and two with the same end take each other's place. Nor does the time of a look say how much of a guess was
// right: a look into a Map goes by a seeded hash, and whoever gets as far as the comparison knows that end already.
const nameLength = 12;
const nameOf = (token: string): string => token.slice(-nameLength);

// A slice would hold on to the header that it was cut out of, whatever else stands there.
const copyOf = (token: string): string => Buffer.from(token, 'latin1').toString('latin1');

const bytesOf = (text: string | undefined): number =>
  text === undefined ? 0 : entryBytes + bytesACharacter * text.length;

/**
 * An empty memory of one identity: an attacker cannot fill it, for only tokens with a good signature get in. What was
 * verified first is forgotten first: a token that is still in use is then verified once more, and to keep track of use
 * would cost every call more than that.
 */
export function openVerifiedTokens({ maxTokens, maxBytes }: CacheBounds): VerifiedTokens {
  const tokens = new Map<string, { readonly text: string; readonly verified: VerifiedToken }>();
  let total = 0;
  const forget = (name: string): void => {
    total -= bytesOf(tokens.get(name)?.text);
    tokens.delete(name);
  };
  return {
    find: (token) => {
      const known = tokens.get(nameOf(token));
      return known?.text === token ? known.verified : undefined;
    },
    keep: (token, verified) => {
      // The claims are handed to many calls from now on.
      frozen(verified.token.claims);
      const text = copyOf(token);
      forget(nameOf(text));
      tokens.set(nameOf(text), { text, verified: Object.freeze(verified) });
      total += bytesOf(text);
      for (const [oldest] of tokens) {
        if (tokens.size <= maxTokens && total <= maxBytes) return;
        forget(oldest);
      }
    },
  };
}
