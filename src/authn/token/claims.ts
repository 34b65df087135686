import { claimReader } from '../../core/claim.ts';
import { type Json, own } from '../../core/json.ts';
import { type Claims, type Memberships, type Principal, principalKey } from '../../core/principal.ts';
import { printable } from '../../core/printable.ts';
import type { Reason } from '../../core/reason.ts';
import type { Detail } from '../../core/verdict.ts';
import type { RoleReader } from '../role-mapping.ts';
import { isCredentialName, isPrincipalId, readWords, spaced } from '../text.ts';
import { isNumericDate } from './numeric-date.ts';
import type { RequiredClaim } from './required-claims.ts';

/** A claim that the config names, and the way to it. */
interface NamedClaim {
  readonly name: string;
  readonly read: ReturnType<typeof claimReader>;
}

/** Compiles the way to a claim (see claimReader). */
export const namedClaim = (name: string): NamedClaim => ({ name, read: claimReader(name) });

/** What the claims of a token must hold besides the issuer, which is compared before the signature. */
export interface ClaimRules {
  /** Who we are; undefined: it does not matter whom the token is for. */
  readonly audience: ReadonlySet<string> | undefined;
  /** Whether a token may do without exp, as the answers about opaque ones may (RFC 7662 section 2.2); it may not by default. */
  readonly endless?: boolean;
  readonly roles: RoleReader;
  readonly scopes: NamedClaim;
  readonly clockSkewMs: number;
  /** The oldest that a token may be, by iat; undefined: any age. */
  readonly maxAgeMs: number | undefined;
  readonly requiredClaims: readonly RequiredClaim[];
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

/** A claim that does not hold, by the name of the claim, and what is worth knowing besides. */
export interface ClaimFault {
  readonly reason: Reason;
  readonly claim: string;
  readonly facts?: Detail;
}

/** What of it audit and explain may show. */
export const detailOf = ({ claim, facts }: Pick<ClaimFault, 'claim' | 'facts'>): Detail => ({ claim, ...facts });

// RFC 7519 section 4.1.7, RFC 9068 section 2.2, OpenID Connect Core section 2: texts, where they are there at all.
const namesOfTexts = ['jti', 'sid', 'client_id', 'azp'] as const;

// So much is shown of whom a token is for: it was signed by its issuer, but nobody said what an issuer may write.
const shownAudiences = 5;
const shownLength = 100;

const fault = (claim: string, reason: Reason = 'token_claims', facts?: Detail): ClaimFault =>
  facts === undefined ? { reason, claim } : { reason, claim, facts };

/** A time in seconds since the epoch, as people read it. */
const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

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

/** Checks what may hold now and not later, or for us and not for others: times, audience, claims that must be there. */
export function faultOfClaims(claims: Claims, rules: ClaimRules, nowMs: number): ClaimFault | undefined {
  const wrong = faultOfTimes(claims, rules, nowMs) ?? faultOfAudience(own(claims, 'aud'), rules.audience);
  if (wrong !== undefined) return wrong;
  const missing = rules.requiredClaims.find(({ holds }) => !holds(claims));
  return missing === undefined ? undefined : fault(missing.name);
}

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

function faultOfTimes(claims: Claims, rules: ClaimRules, nowMs: number): ClaimFault | undefined {
  const { clockSkewMs, maxAgeMs } = rules;
  const [exp, nbf, iat] = [own(claims, 'exp'), own(claims, 'nbf'), own(claims, 'iat')];
  if (exp === undefined ? rules.endless !== true : !isNumericDate(exp)) return fault('exp');
  if (nbf !== undefined && !isNumericDate(nbf)) return fault('nbf');
  if (iat !== undefined && !isNumericDate(iat)) return fault('iat');
  if (isNumericDate(exp) && nowMs >= exp * 1000 + clockSkewMs)
    return fault('exp', 'token_expired', { ended: timeOf(exp) });
  if (nbf !== undefined && nowMs < nbf * 1000 - clockSkewMs)
    return fault('nbf', 'token_not_yet_valid', { begins: timeOf(nbf) });
  if (iat !== undefined && nowMs < iat * 1000 - clockSkewMs)
    return fault('iat', 'token_not_yet_valid', { begins: timeOf(iat) });
  if (maxAgeMs === undefined) return undefined;
  if (iat === undefined) return fault('iat');
  if (nowMs <= iat * 1000 + maxAgeMs + clockSkewMs) return undefined;
  return fault('iat', 'token_expired', { ended: timeOf(iat + maxAgeMs / 1000) });
}

function faultOfAudience(aud: Json | undefined, audience: ReadonlySet<string> | undefined): ClaimFault | undefined {
  if (aud === undefined && audience === undefined) return undefined;
  const named = typeof aud === 'string' ? [aud] : aud;
  if (!Array.isArray(named)) return fault('aud');
  let ours = false;
  for (const one of named) {
    if (typeof one !== 'string') return fault('aud');
    ours ||= audience === undefined || audience.has(one);
  }
  return ours ? undefined : fault('aud', 'token_audience', audienceFacts(named, audience));
}

const audienceFacts = (named: readonly string[], audience: ReadonlySet<string> | undefined): Detail => ({
  expected: [...(audience ?? [])],
  found: named.slice(0, shownAudiences).map((one) => printable(one, shownLength)),
});
