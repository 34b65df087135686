import type { Clock } from '../../core/clock.ts';
import type { Identified } from '../../core/identified.ts';
import { whenKnown } from '../../core/patience.ts';
import type { Claims, Principal } from '../../core/principal.ts';
import type { Reason } from '../../core/reason.ts';
import { type Detail, fail, type Reject, type Verdict } from '../../core/verdict.ts';
import { isTokenAlgorithm } from '../algorithms.ts';
import type { Judgement } from '../authenticator.ts';
import type { KeyLookup, KeySet } from '../provider-side/key-sets/key-set.ts';
import { type ClaimFault, detailOf, faultOfClaims } from '../token/claim-faults.ts';
import { principalOf, readSubject } from '../token/claims.ts';
import { peek } from '../token/peek.ts';
import { concludeWith, type Presented, refuse, type TokenTaker } from '../token/presented-token.ts';
import { keyThatHolds } from '../token/signature.ts';
import type { JwtOptions } from './options.ts';
import type { AcceptableToken, VerifiedToken, VerifiedTokens } from './verified-tokens.ts';

/** What one identity verifies tokens with. */
export interface Verifier extends TokenTaker {
  readonly options: JwtOptions;
  readonly keySet: KeySet;
  readonly clock: Clock;
  readonly verified: VerifiedTokens;
}

/** Whether a token says that it is of the issuer of these options, letter by letter; proves nothing. */
export const isFrom = ({ claims: { iss } }: { readonly claims: Claims }, { issuer }: JwtOptions): boolean =>
  issuer !== '' && iss === issuer;

/** Verifies a token: its form, issuer, algorithm, type, key and signature, then its claims, then who presents it. */
export function verify(verifier: Verifier, presented: Presented, signal: AbortSignal): Judgement {
  const { keySet, verified } = verifier;
  const bad = (reason: Reason, detail: Detail = {}): Reject =>
    refuse(verifier, reason, detail, 'invalid_token', presented.scheme);
  const seen = verified.find(presented.token);
  // What was remembered had passed this, and neither a token nor the options of an identity ever change.
  const token = seen?.token ?? readAcceptable(verifier, presented, bad);
  if (!token.ok) return token.refusal;
  const { alg, kid } = token;
  const underKey = (found: KeyLookup): Judgement => {
    switch (found.kind) {
      case 'unavailable':
        return fail('key_set_unavailable', { identity: verifier.id });
      case 'unknown':
        return bad('token_key_unknown');
      case 'mismatch':
        return bad('token_algorithm', { problem: 'key' });
      case 'found':
        if (seen !== undefined && (seen.key === found.key || seen.key === found.former))
          return judge(verifier, presented, seen, signal);
        return checkSignature(found);
      default:
        return found satisfies never;
    }
  };
  const checkSignature = async (found: Parameters<typeof keyThatHolds>[1]): Promise<Verdict<Identified>> => {
    const key = await keyThatHolds(presented.token, found, alg);
    if (key === undefined) return bad('token_signature');
    const fresh: VerifiedToken = { token, key, subject: readPrincipal(verifier, token.claims) };
    verified.keep(presented.token, fresh);
    return judge(verifier, presented, fresh, signal);
  };
  return whenKnown(keySet.find(kid, alg, signal), underKey);
}

function readAcceptable(
  { options }: Verifier,
  { request, token: text }: Presented,
  bad: (reason: Reason, detail?: Detail) => Reject,
): AcceptableToken | { readonly ok: false; readonly refusal: Reject } {
  const refused = (reason: Reason, detail?: Detail) => ({ ok: false, refusal: bad(reason, detail) }) as const;
  const token = peek(request, text);
  if (!token.ok) return refused('token_malformed', { problem: token.problem });
  if (!isFrom(token, options)) return refused('token_issuer');
  const { alg, kid, typ = '' } = token.header;
  if (!isTokenAlgorithm(alg) || !options.algorithms.has(alg)) return refused('token_algorithm');
  if (!options.types.has(typ) || options.isForeign(token.claims, typ)) return refused('token_type');
  return { ok: true, alg, kid, claims: token.claims };
}

/** What a good signature is worth now: remembered or not, a token is judged by the same rules every time. */
function judge(
  verifier: Verifier,
  presented: Presented,
  { token: { claims }, subject }: VerifiedToken,
  signal: AbortSignal,
): Judgement {
  const { id, options, clock } = verifier;
  const fault = faultOfClaims(claims, options.claims, clock.nowMs());
  const judged = fault ?? subject;
  if ('claim' in judged) {
    return refuse(verifier, judged.reason, detailOf(judged), 'invalid_token', presented.scheme);
  }
  return concludeWith(verifier, presented, judged, { identity: id }, signal);
}

function readPrincipal({ id, options }: Verifier, claims: Claims): Principal | ClaimFault {
  const who = readSubject(claims, options.claims);
  if ('claim' in who) return who;
  return principalOf(who, { source: id, kind: 'jwt', issuer: options.issuer, claims });
}
