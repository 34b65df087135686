import { type Json, own } from '../../core/json.ts';
import type { Claims } from '../../core/principal.ts';
import { printable } from '../../core/printable.ts';
import type { Reason } from '../../core/reason.ts';
import type { Detail } from '../../core/verdict.ts';
import { isNumericDate } from './numeric-date.ts';
import type { RequiredClaim } from './required-claims.ts';

/** What the claims of a token must hold besides the issuer, which is compared before the signature. */
export interface ClaimDemands {
  /** Who we are; undefined: it does not matter whom the token is for. */
  readonly audience: ReadonlySet<string> | undefined;
  /** Whether a token may do without exp, as the answers about opaque ones may (RFC 7662 section 2.2); it may not by default. */
  readonly endless?: boolean;
  readonly clockSkewMs: number;
  /** The oldest that a token may be, by iat; undefined: any age. */
  readonly maxAgeMs: number | undefined;
  readonly requiredClaims: readonly RequiredClaim[];
}

/** A claim that does not hold, by the name of the claim, and what is worth knowing besides. */
export interface ClaimFault {
  readonly reason: Reason;
  readonly claim: string;
  readonly facts?: Detail;
}

/** What of it audit and explain may show. */
export const detailOf = ({ claim, facts }: Pick<ClaimFault, 'claim' | 'facts'>): Detail => ({ claim, ...facts });

// So much is shown of whom a token is for: its issuer says so, and may write there what it likes.
const shownAudiences = 5;
const shownLength = 100;

/** A fault of a claim, which is one of its type or form where no other reason is given. */
export const fault = (claim: string, reason: Reason = 'token_claims', facts?: Detail): ClaimFault =>
  facts === undefined ? { reason, claim } : { reason, claim, facts };

/** A time in seconds since the epoch, as people read it. */
const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Checks what may hold now and not later, or for us and not for others: times, audience, claims that must be there. */
export function faultOfClaims(claims: Claims, rules: ClaimDemands, nowMs: number): ClaimFault | undefined {
  const wrong = faultOfTimes(claims, rules, nowMs) ?? faultOfAudience(own(claims, 'aud'), rules.audience);
  if (wrong !== undefined) return wrong;
  const missing = rules.requiredClaims.find(({ holds }) => !holds(claims));
  return missing === undefined ? undefined : fault(missing.name);
}

function faultOfTimes(claims: Claims, rules: ClaimDemands, nowMs: number): ClaimFault | undefined {
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
