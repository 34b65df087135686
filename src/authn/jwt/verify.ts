import type { Clock } from '../../core/clock.ts';
import type { Identified } from '../../core/identified.ts';
import { type Claims, type Principal, principalKey } from '../../core/principal.ts';
import type { Reason } from '../../core/reason.ts';
import { type Detail, fail, type Reject, type Verdict } from '../../core/verdict.ts';
import { isTokenAlgorithm, type TokenAlgorithm } from '../algorithms.ts';
import type { KeyLookup, KeySet } from '../key-sets/key-set.ts';
import { concludeWith, type Judgement, type Presented, refuse, type TokenTaker } from '../presented-token.ts';
import { type ClaimFault, faultOfClaims, readSubject } from './claims.ts';
import type { JwtOptions } from './options.ts';
import { peek } from './peek.ts';
import { signatureHolds } from './signature.ts';
import { digestOf, type Token, type VerifiedToken, type VerifiedTokens } from './verified-tokens.ts';

/** What one identity verifies tokens with. */
export interface Verifier extends TokenTaker {
  readonly options: JwtOptions;
  readonly keySet: KeySet;
  readonly clock: Clock;
  readonly verified: VerifiedTokens;
}

/** Whether a token says that it is of the issuer of these options, letter by letter; proves nothing. */
export const isFrom = ({ claims: { iss } }: Token, { issuer }: JwtOptions): boolean => issuer !== '' && iss === issuer;

/** Verifies a token: its form, issuer, algorithm, type, key and signature, then its claims, then who presents it. */
export function verify(verifier: Verifier, presented: Presented, signal: AbortSignal): Judgement {
  const { options, keySet, verified } = verifier;
  const bad = (reason: Reason, detail: Detail = {}): Reject =>
    refuse(verifier, reason, detail, 'invalid_token', presented.scheme);
  const digest = digestOf(presented.token);
  const seen = verified.find(digest);
  const token = seen?.token ?? peek(presented.request, presented.token);
  if (!token.ok) return bad('token_malformed', { problem: token.problem });
  const { alg, kid } = token.header;
  if (!isFrom(token, options)) return bad('token_issuer');
  if (!isTokenAlgorithm(alg) || !options.algorithms.has(alg)) return bad('token_algorithm');
  if (!isAccepted(token, options)) return bad('token_type');

  const underKey = (found: KeyLookup): Judgement => {
    switch (found.kind) {
      case 'unavailable':
        return fail('key_set_unavailable', { identity: verifier.id });
      case 'unknown':
        return bad('token_key_unknown');
      case 'mismatch':
        return bad('token_algorithm', { problem: 'key' });
      case 'found':
        if (seen?.key === found.key) return judge(verifier, presented, seen, signal);
        return checkSignature(alg, found.key, token);
      default:
        return found satisfies never;
    }
  };
  const checkSignature = async (
    algorithm: TokenAlgorithm,
    key: VerifiedToken['key'],
    read: Token,
  ): Promise<Verdict<Identified>> => {
    if (!(await signatureHolds(presented.token, key, algorithm))) return bad('token_signature');
    const fresh: VerifiedToken = { token: read, key, subject: readPrincipal(verifier, read.claims) };
    verified.keep(digest, fresh, presented.token.length);
    return judge(verifier, presented, fresh, signal);
  };
  const found = keySet.find(kid, alg, signal);
  return found instanceof Promise ? found.then(underKey) : underKey(found);
}

function isAccepted({ header, claims }: Token, { types, isForeign }: JwtOptions): boolean {
  const typ = header.typ ?? '';
  return types.has(typ) && !isForeign(claims, typ);
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
    return refuse(verifier, judged.reason, { claim: judged.claim }, 'invalid_token', presented.scheme);
  }
  return concludeWith(verifier, presented, judged, { identity: id }, signal);
}

function readPrincipal({ id, options }: Verifier, claims: Claims): Principal | ClaimFault {
  const who = readSubject(claims, options.claims);
  if ('claim' in who) return who;
  return {
    source: id,
    id: who.sub,
    key: principalKey(id, who.sub),
    kind: 'jwt',
    roles: who.roles,
    memberships: who.memberships,
    scopes: who.scopes,
    issuer: options.issuer,
    credentialId: who.tokenId,
    sessionId: who.sessionId,
    issuedMs: who.issuedMs,
    expiresMs: who.expiresMs,
    boundBy: undefined,
    claims,
  };
}
