import type { NormalRequest } from '../core/attributes.ts';
import type { BuildContext } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import { type Identified, identified } from '../core/identified.ts';
import { type Claims, type Principal, principalKey } from '../core/principal.ts';
import type { Reason } from '../core/reason.ts';
import { abstain, type Detail, fail, passWith, type Reject, reject, type Verdict } from '../core/verdict.ts';
import { isHmac, isTokenAlgorithm } from './algorithms.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  plainAuthenticator,
} from './authenticator.ts';
import { readBearer, type TokenScheme } from './bearer.ts';
import { bearerChallenge, type ChallengeError, challengeHeaders } from './challenge.ts';
import { type ClaimFault, faultOfClaims, readSubject } from './jwt/claims.ts';
import { type CompactToken, readCompact } from './jwt/compact.ts';
import { readKeySource } from './jwt/key-source.ts';
import { type JwtOptions, readJwtOptions } from './jwt/options.ts';
import { jwtSchema } from './jwt/schema.ts';
import { hasSecret, readSecret } from './jwt/secret.ts';
import { signatureHolds } from './jwt/signature.ts';
import { digestOf, openVerifiedTokens, type VerifiedToken, type VerifiedTokens } from './jwt/verified-tokens.ts';
import type { KeySet } from './key-sets/key-set.ts';
import { buildPossession, type Possession } from './possession/index.ts';

type Token = Extract<CompactToken, { readonly ok: true }>;

interface Verifier {
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

/** Bearer tokens that are signed JWTs (RFC 6750, RFC 7519, RFC 8725). */
export const jwt: AuthenticatorKind = Object.freeze({ schema: jwtSchema, build: buildJwt });

function buildJwt(id: string, raw: unknown, context: BuildContext, deps: AuthnDeps): Authenticator {
  const { options, reader } = readJwtOptions(raw, context);
  const { keySet, spec } = hasSecret(reader)
    ? { keySet: readSecret(reader, context, new Set([...options.algorithms].filter(isHmac))), spec: undefined }
    : readKeySource(id, options.issuer, reader.raw('jwks') ?? {}, context.at('jwks'), deps);
  const possession = buildPossession(id, reader.raw('dpop'), context.at('dpop'), deps);
  const verified = openVerifiedTokens(options.cache);
  const verifier: Verifier = { id, options, keySet, clock: deps.clock, verified, possession };
  const read = ({ headers }: NormalRequest) => readBearer(headers, possession.schemes);
  return {
    ...plainAuthenticator,
    id,
    kind: 'jwt',
    places: [{ in: 'header', name: 'authorization' }],
    companions: possession.companions,
    challenge: bearerChallenge,
    moreChallenges: possession.moreChallenges,
    issuer: options.issuer,
    keySets: spec === undefined ? [] : [spec],
    present: (request) => read(request).kind !== 'absent',
    recognises: (request) => {
      const presented = read(request);
      const token = presented.kind === 'token' ? readCompact(presented.token) : undefined;
      return token?.ok === true && isFrom(token, options);
    },
    authenticate: (request, signal) => guarded(signal, () => authenticate(verifier, request, signal)),
    describe: (request) => describe(read(request), options),
    ready: () => keySet.ready(),
  };
}

function describe(presented: ReturnType<typeof readBearer>, options: JwtOptions): string {
  switch (presented.kind) {
    case 'absent':
      return 'nothing';
    case 'ambiguous':
      return 'several credentials';
    case 'malformed':
      return 'a bearer token that is not well formed';
    case 'other_scheme':
      return 'a credential of another scheme';
    case 'token': {
      const token = readCompact(presented.token);
      if (!token.ok) return 'a bearer token that is no strict JWT';
      return isFrom(token, options) ? 'a JWT of its issuer' : 'a JWT of another issuer';
    }
    default:
      return presented satisfies never;
  }
}

async function authenticate(
  verifier: Verifier,
  request: NormalRequest,
  signal: AbortSignal,
): Promise<Verdict<Identified>> {
  const presented = readBearer(request.headers, verifier.possession.schemes);
  switch (presented.kind) {
    case 'absent':
      return abstain();
    case 'ambiguous':
      return refuse(verifier, 'credential_ambiguous', {}, 'invalid_request');
    case 'malformed':
      // 401, and RFC 6750 section 3.1 keeps invalid_request for 400.
      return refuse(verifier, 'credential_malformed', {}, 'invalid_token');
    case 'other_scheme':
      // RFC 6750 section 3.1: who used another scheme is told what to use, and of no error.
      return refuse(verifier, 'credential_malformed', { problem: 'scheme' }, undefined);
    case 'token':
      return verify(verifier, { ...presented, request }, signal);
    default:
      return presented satisfies never;
  }
}

const refuse = (
  { id, possession }: Verifier,
  reason: Reason,
  detail: Detail,
  error: ChallengeError | undefined,
  scheme: TokenScheme = 'bearer',
): Reject =>
  reject(reason, { identity: id, ...detail }, { headers: challengeHeaders(possession.challenges(scheme, error)) });

async function verify(verifier: Verifier, presented: Presented, signal: AbortSignal): Promise<Verdict<Identified>> {
  const { token: text, scheme } = presented;
  const { options, keySet, verified } = verifier;
  const bad = (reason: Reason, detail: Detail = {}): Reject =>
    refuse(verifier, reason, detail, 'invalid_token', scheme);
  const digest = digestOf(text);
  const seen = verified.find(digest);
  const token = seen?.token ?? readCompact(text);
  if (!token.ok) return bad('token_malformed', { problem: token.problem });
  const { alg, kid } = token.header;
  if (!isFrom(token, options)) return bad('token_issuer');
  if (!isTokenAlgorithm(alg) || !options.algorithms.has(alg)) return bad('token_algorithm');
  if (!isAccepted(token, options)) return bad('token_type');
  const asked = keySet.find(kid, alg, signal);
  // Most keys are at hand: nothing is waited for then.
  const found = asked instanceof Promise ? await asked : asked;
  switch (found.kind) {
    case 'unavailable':
      return fail('key_set_unavailable', { identity: verifier.id });
    case 'unknown':
      return bad('token_key_unknown');
    case 'mismatch':
      return bad('token_algorithm', { problem: 'key' });
    case 'found': {
      if (seen?.key === found.key) return judge(verifier, presented, seen, signal);
      if (!(await signatureHolds(text, found.key, alg))) return bad('token_signature');
      const fresh: VerifiedToken = { token, key: found.key, subject: readPrincipal(verifier, token.claims) };
      verified.keep(digest, fresh, text.length);
      return judge(verifier, presented, fresh, signal);
    }
    default:
      return found satisfies never;
  }
}

const isFrom = ({ claims: { iss } }: Token, { issuer }: JwtOptions): boolean => issuer !== '' && iss === issuer;

function isAccepted({ header, claims }: Token, { types, isForeign }: JwtOptions): boolean {
  const typ = header.typ ?? '';
  return types.has(typ) && !isForeign(claims, typ);
}

/** What a good signature is worth now: remembered or not, a token is judged by the same rules every time. */
async function judge(
  verifier: Verifier,
  presented: Presented,
  { token: { claims }, subject }: VerifiedToken,
  signal: AbortSignal,
): Promise<Verdict<Identified>> {
  const { id, options, clock, possession } = verifier;
  const fault = faultOfClaims(claims, options.claims, clock.nowMs());
  const judged = fault ?? subject;
  if ('claim' in judged) {
    return refuse(verifier, judged.reason, { claim: judged.claim }, 'invalid_token', presented.scheme);
  }
  const asked = possession.verify({ ...presented, claims }, signal);
  const proven = asked instanceof Promise ? await asked : asked;
  if (proven.kind !== 'pass') return proven;
  const { boundBy, response } = proven.value;
  return passWith(identified(boundBy === undefined ? judged : { ...judged, boundBy }, response), { identity: id });
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
