import type { NormalRequest } from '../../core/attributes.ts';
import type { Clock } from '../../core/clock.ts';
import { type Identified, identified } from '../../core/identified.ts';
import { type Claims, type Principal, principalKey } from '../../core/principal.ts';
import type { Reason } from '../../core/reason.ts';
import { type Detail, fail, passWith, type Reject, reject, type Verdict } from '../../core/verdict.ts';
import { isTokenAlgorithm, type TokenAlgorithm } from '../algorithms.ts';
import type { TokenScheme } from '../bearer.ts';
import { type ChallengeError, challengeHeaders } from '../challenge.ts';
import type { KeyLookup, KeySet } from '../key-sets/key-set.ts';
import type { Possession } from '../possession/index.ts';
import { type ClaimFault, faultOfClaims, readSubject } from './claims.ts';
import type { JwtOptions } from './options.ts';
import { peek } from './peek.ts';
import { signatureHolds } from './signature.ts';
import { digestOf, type Token, type VerifiedToken, type VerifiedTokens } from './verified-tokens.ts';

/** What one identity verifies tokens with. */
export interface Verifier {
  readonly id: string;
  readonly options: JwtOptions;
  readonly keySet: KeySet;
  readonly clock: Clock;
  readonly verified: VerifiedTokens;
  readonly possession: Possession;
}

/** A token and how it came, in which request. */
interface Presented {
  readonly scheme: TokenScheme;
  readonly token: string;
  readonly request: NormalRequest;
}

/** Most tokens are remembered and most keys at hand: then nothing is waited for. */
type Judgement = Verdict<Identified> | Promise<Verdict<Identified>>;

/** A rejection with the challenge that goes with it. */
export const refuse = (
  { id, possession }: Verifier,
  reason: Reason,
  detail: Detail,
  error: ChallengeError | undefined,
  scheme: TokenScheme = 'bearer',
): Reject =>
  reject(reason, { identity: id, ...detail }, { headers: challengeHeaders(possession.challenges(scheme, error)) });

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
  const { id, options, clock, possession } = verifier;
  const fault = faultOfClaims(claims, options.claims, clock.nowMs());
  const judged = fault ?? subject;
  if ('claim' in judged) {
    return refuse(verifier, judged.reason, { claim: judged.claim }, 'invalid_token', presented.scheme);
  }
  const conclude = (proven: Awaited<ReturnType<Possession['verify']>>): Verdict<Identified> => {
    if (proven.kind !== 'pass') return proven;
    const { boundBy, response } = proven.value;
    return passWith(identified(boundBy === undefined ? judged : { ...judged, boundBy }, response), { identity: id });
  };
  const proven = possession.verify({ ...presented, claims }, signal);
  return proven instanceof Promise ? proven.then(conclude) : conclude(proven);
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
