import type { NormalRequest } from '../core/attributes.ts';
import type { BuildContext } from '../core/build.ts';
import type { Identified } from '../core/identified.ts';
import { abstain, type Verdict } from '../core/verdict.ts';
import { isHmac } from './algorithms.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  plainAuthenticator,
} from './authenticator.ts';
import { readBearer } from './bearer.ts';
import { bearerChallenge } from './challenge.ts';
import { readKeySource } from './jwt/key-source.ts';
import { type JwtOptions, readJwtOptions } from './jwt/options.ts';
import { peek } from './jwt/peek.ts';
import { jwtSchema } from './jwt/schema.ts';
import { hasSecret, readSecret } from './jwt/secret.ts';
import { openVerifiedTokens } from './jwt/verified-tokens.ts';
import { isFrom, refuse, type Verifier, verify } from './jwt/verify.ts';
import { buildPossession } from './possession/index.ts';

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
      const token = presented.kind === 'token' ? peek(request, presented.token) : undefined;
      return token?.ok === true && isFrom(token, options);
    },
    authenticate: (request, signal) => guarded(signal, () => authenticate(verifier, request, signal)),
    describe: (request) => describe(request, read(request), options),
    ready: () => keySet.ready(),
  };
}

function describe(request: NormalRequest, presented: ReturnType<typeof readBearer>, options: JwtOptions): string {
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
      const token = peek(request, presented.token);
      if (!token.ok) return 'a bearer token that is no strict JWT';
      return isFrom(token, options) ? 'a JWT of its issuer' : 'a JWT of another issuer';
    }
    default:
      return presented satisfies never;
  }
}

function authenticate(
  verifier: Verifier,
  request: NormalRequest,
  signal: AbortSignal,
): Verdict<Identified> | Promise<Verdict<Identified>> {
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
