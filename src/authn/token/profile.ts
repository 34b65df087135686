import { own } from '../../core/json.ts';
import type { Claims } from '../../core/principal.ts';
import { type RequiredClaim, requiredClaim } from './required-claims.ts';

/** A kind of token, and what tells it from others. */
export interface Profile {
  /** Values of typ that it may have; empty text: a token without it. */
  readonly types: readonly string[];
  /** Those of them that are accepted where the config names none. */
  readonly usualTypes: readonly string[];
  /** Claims that it must have besides iss, sub, aud and exp. */
  readonly required: readonly RequiredClaim[];
  /** Whether claims are those of another kind of token, with this typ. */
  readonly isForeign: (claims: Claims, typ: string) => boolean;
}

/** Media types of RFC 9068 section 2.1, spelt as issuers spell them. */
const accessTokenTypes: readonly string[] = Object.freeze(['at+jwt', 'application/at+jwt']);

// What providers write into ID tokens, and into no access token.
const idTokenMembers = ['nonce', 'at_hash', 'c_hash', 's_hash'] as const;
const has = (claims: Claims, names: readonly string[]): boolean => names.some((name) => Object.hasOwn(claims, name));

/** Whether the claims say by a word of their own what the token is, and it is none of these. */
const saysOther = (claims: Claims, typ: readonly string[], tokenUse: readonly string[]): boolean => {
  const [said, use] = [own(claims, 'typ'), own(claims, 'token_use')];
  return (typeof said === 'string' && typ.includes(said)) || (typeof use === 'string' && tokenUse.includes(use));
};

// Words of Keycloak (typ) and Cognito (token_use).
const isRefreshOrLogout = (claims: Claims): boolean =>
  has(claims, ['events']) || saysOther(claims, ['Refresh', 'Offline', 'Logout'], ['refresh']);

const isNoAccessToken = (claims: Claims): boolean =>
  isRefreshOrLogout(claims) || has(claims, idTokenMembers) || saysOther(claims, ['ID'], ['id']);

/**
 * The kinds of tokens, by the names that a config has for them: an access token of any shape, one that keeps to the
 * letter of RFC 9068, an ID token (OpenID Connect Core section 2).
 */
export const profiles = Object.freeze({
  access_token: {
    types: [],
    usualTypes: [...accessTokenTypes, 'JWT', ''],
    required: [],
    // With that typ it says of itself that it is one.
    isForeign: (claims, typ) => !accessTokenTypes.includes(typ) && isNoAccessToken(claims),
  },
  rfc9068: {
    types: accessTokenTypes,
    usualTypes: accessTokenTypes,
    required: [requiredClaim('iat', 'number'), requiredClaim('jti', 'string'), requiredClaim('client_id', 'string')],
    isForeign: () => false,
  },
  id_token: {
    types: ['JWT', ''],
    usualTypes: ['JWT', ''],
    required: [requiredClaim('iat', 'number'), authorizedParty()],
    // Scope is for access tokens alone (RFC 8693 section 4.2, RFC 9068 section 2.2.3).
    isForeign: (claims) =>
      isRefreshOrLogout(claims) || has(claims, ['scope']) || saysOther(claims, ['Bearer'], ['access']),
  },
} as const satisfies Record<string, Profile>);

/** An ID token for several says for which of them it was issued (section 3.1.3.7). */
function authorizedParty(): RequiredClaim {
  const azp = requiredClaim('azp', 'string');
  return {
    name: 'azp',
    holds: (claims) => {
      const aud = own(claims, 'aud');
      return !Array.isArray(aud) || aud.length < 2 || azp.holds(claims);
    },
  };
}
