import { claimReader } from '../../core/claim.ts';
import { type Json, own } from '../../core/json.ts';
import { type Claims, type Memberships, type Principal, principalKey } from '../../core/principal.ts';
import type { RoleReader } from '../role-mapping.ts';
import { isCredentialName, isPrincipalId, readWords, spaced } from '../text.ts';
import { type ClaimDemands, type ClaimFault, fault, faultOfClaims } from './claim-faults.ts';
import { isNumericDate } from './numeric-date.ts';

/** A claim that the config names, and the way to it. */
interface NamedClaim {
  readonly name: string;
  readonly read: ReturnType<typeof claimReader>;
}

/** Compiles the way to a claim (see claimReader). */
export const namedClaim = (name: string): NamedClaim => ({ name, read: claimReader(name) });

/** What the claims of a token must hold, and where they say what its holder may do. */
export interface ClaimRules extends ClaimDemands {
  readonly roles: RoleReader;
  readonly scopes: NamedClaim;
}

/** Who the claims speak of. */
interface TokenSubject {
  readonly sub: string;
  readonly roles: ReadonlySet<string>;
  readonly memberships: Memberships;
  readonly scopes: ReadonlySet<string>;
  /** The token's jti, where it has one that can be shown. */
  readonly tokenId: string | undefined;
  /** Its sid, likewise. */
  readonly sessionId: string | undefined;
  readonly issuedMs: number | undefined;
  readonly expiresMs: number | undefined;
}

// RFC 7519 section 4.1.7, RFC 9068 section 2.2, OpenID Connect Core section 2: texts, where they are there at all.
const namesOfTexts = ['jti', 'sid', 'client_id', 'azp'] as const;

/** Checks verified claims (RFC 7519 section 4.1): the first fault, or who they speak of. */
export const readClaims = (claims: Claims, rules: ClaimRules, nowMs: number): TokenSubject | ClaimFault =>
  faultOfClaims(claims, rules, nowMs) ?? readSubject(claims, rules);

/** The principal whom a token speaks of, as an identity vouches for it; who holds the token has not been proved yet. */
export const principalOf = (
  { sub, tokenId, ...who }: TokenSubject,
  token: Pick<Principal, 'source' | 'kind' | 'issuer' | 'claims'>,
): Principal => ({
  ...token,
  ...who,
  id: sub,
  key: principalKey(token.source, sub),
  credentialId: tokenId,
  boundBy: undefined,
});

/** Reads who claims speak of, which is the same as often as they are read. */
export function readSubject(claims: Claims, rules: ClaimRules): TokenSubject | ClaimFault {
  const sub = own(claims, 'sub');
  if (!isPrincipalId(sub)) return fault('sub');
  const odd = namesOfTexts.find((name) => Object.hasOwn(claims, name) && typeof claims[name] !== 'string');
  if (odd !== undefined) return fault(odd);
  // What has a name that nobody can write down could not be revoked by it.
  const nameless = (['jti', 'sid'] as const).find((name) => !isNameOrAbsent(own(claims, name)));
  if (nameless !== undefined) return fault(nameless);
  const stated = rules.roles(claims);
  if ('claim' in stated) return fault(stated.claim);
  const scopes = readWords(rules.scopes.read(claims), spaced);
  if (scopes === undefined) return fault(rules.scopes.name);
  return {
    sub,
    roles: stated.roles,
    memberships: stated.memberships,
    scopes,
    tokenId: nameIn(claims, 'jti'),
    sessionId: nameIn(claims, 'sid'),
    issuedMs: milliseconds(claims, 'iat'),
    expiresMs: milliseconds(claims, 'exp'),
  };
}

const isNameOrAbsent = (value: Json | undefined): boolean => value === undefined || isCredentialName(value);

function nameIn(claims: Claims, name: string): string | undefined {
  const value = own(claims, name);
  return isCredentialName(value) ? value : undefined;
}

function milliseconds(claims: Claims, name: string): number | undefined {
  const value = own(claims, name);
  return isNumericDate(value) ? value * 1000 : undefined;
}
