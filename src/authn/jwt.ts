import type { NormalRequest } from '../core/attributes.ts';
import type { BuildContext } from '../core/build.ts';
import { isHmac } from './algorithms.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  plainAuthenticator,
} from './authenticator.ts';
import { readJwtOptions } from './jwt/options.ts';
import { jwtSchema } from './jwt/schema.ts';
import { hasSecret, readSecret } from './jwt/secret.ts';
import { openVerifiedTokens } from './jwt/verified-tokens.ts';
import { isFrom, type Verifier, verify } from './jwt/verify.ts';
import { buildPossession } from './possession/index.ts';
import { readBearer } from './token/bearer.ts';
import { readKeySource } from './token/key-source.ts';
import { peek } from './token/peek.ts';
import { describeToken, takeToken, tokenMembers } from './token/presented-token.ts';

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
    ...tokenMembers(possession),
    id,
    kind: 'jwt',
    issuer: options.issuer,
    keySets: spec === undefined ? [] : [spec],
    recognises: (request) => {
      const presented = read(request);
      const token = presented.kind === 'token' ? peek(request, presented.token) : undefined;
      return token?.ok === true && isFrom(token, options);
    },
    authenticate: authenticateFor(verifier),
    watch: authenticateFor({ ...verifier, watches: true }),
    describe: (request) =>
      describeToken(read(request), (text) => {
        const token = peek(request, text);
        if (!token.ok) return 'a bearer token that is no strict JWT';
        return isFrom(token, options) ? 'a JWT of its issuer' : 'a JWT of another issuer';
      }),
    ready: () => keySet.ready(),
  };
}

const authenticateFor =
  (verifier: Verifier): Authenticator['authenticate'] =>
  (request, signal) =>
    guarded(signal, () => takeToken(verifier, request, (presented) => verify(verifier, presented, signal)));
