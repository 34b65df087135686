import type { NormalRequest } from '../core/attributes.ts';
import type { BuildContext } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import { type Identified, identified } from '../core/identified.ts';
import type { Principal } from '../core/principal.ts';
import type { Reason } from '../core/reason.ts';
import { abstain, type Detail, fail, passWith, type Reject, reject, type Verdict } from '../core/verdict.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  plainAuthenticator,
} from './authenticator.ts';
import { readBearer, type TokenScheme } from './bearer.ts';
import { bearerChallenge, type ChallengeError, challengeHeaders } from './challenge.ts';
import { type Introspector, openIntrospector } from './introspection/introspector.ts';
import { type Judge, openJudge } from './introspection/judgement.ts';
import { type IntrospectionOptions, readIntrospectionOptions } from './introspection/options.ts';
import { introspectionSchema } from './introspection/schema.ts';
import { readCompact } from './jwt/compact.ts';
import { buildPossession, type Possession } from './possession/index.ts';

interface Asker {
  readonly id: string;
  readonly options: IntrospectionOptions;
  readonly introspector: Introspector;
  readonly judge: Judge;
  readonly clock: Clock;
  readonly possession: Possession;
}

/** A token and how it came, in which request. */
interface Presented {
  readonly scheme: TokenScheme;
  readonly token: string;
  readonly request: NormalRequest;
}

/** Bearer tokens that only their provider can read, which is asked what they are (RFC 6750, RFC 7662). */
export const introspection: AuthenticatorKind = Object.freeze({
  schema: introspectionSchema,
  build: buildIntrospection,
});

function buildIntrospection(id: string, raw: unknown, context: BuildContext, deps: AuthnDeps): Authenticator {
  const { options, reader } = readIntrospectionOptions(id, raw, context, deps);
  const { provider, memory, signed, keySet } = options;
  const open = (): Introspector => openIntrospector(provider, memory, deps);
  const introspector = deps.lasting.resolve('introspection', specOf(options), open);
  const possession = buildPossession(id, reader.raw('dpop'), context.at('dpop'), deps);
  const judge = openJudge({ id, issuer: provider.issuer, claims: options.claims });
  const asker: Asker = { id, options, introspector, judge, clock: deps.clock, possession };
  const read = ({ headers }: NormalRequest) => readBearer(headers, possession.schemes);
  return {
    ...plainAuthenticator,
    id,
    kind: 'introspection',
    places: [{ in: 'header', name: 'authorization' }],
    companions: possession.companions,
    challenge: bearerChallenge,
    moreChallenges: possession.moreChallenges,
    // An opaque token names none: two identities of this kind cannot tell theirs apart.
    issuer: '',
    keySets: keySet === undefined ? [] : [keySet],
    publishedKeys: provider.client.publishedKeys,
    present: (request) => read(request).kind !== 'absent',
    recognises: (request) => {
      const presented = read(request);
      return presented.kind === 'token' && formOf(presented.token) === 'opaque';
    },
    authenticate: (request, signal) => guarded(signal, () => authenticate(asker, request, signal)),
    describe: (request) => {
      const presented = read(request);
      return presented.kind === 'token' ? descriptions[formOf(presented.token)] : descriptions[presented.kind];
    },
    ready: () => introspector.ready() && (signed?.keySet.ready() ?? true),
  };
}

/** All that answers, and what is remembered of them, depend on; the keys of signed ones are looked at with each of them. */
function specOf({ provider, memory, signed, keySet }: IntrospectionOptions): unknown {
  const howSigned = signed && { ...signed, algorithms: [...signed.algorithms], keySet };
  return { ...provider, client: provider.client.name, memory, signed: howSigned };
}

// RFC 6750 section 2.1.
const b64token = /^[A-Za-z0-9._~+/-]+=*$/;

/** What a token is by its looks: a key of our own must not be shown to others, and a JWT may well be of somebody else. */
function formOf(token: string): 'malformed' | 'api_key' | 'jwt' | 'opaque' {
  if (!b64token.test(token)) return 'malformed';
  if (token.startsWith('pck_')) return 'api_key';
  return readCompact(token).ok ? 'jwt' : 'opaque';
}

const descriptions = Object.freeze({
  absent: 'nothing',
  ambiguous: 'several credentials',
  other_scheme: 'a credential of another scheme',
  malformed: 'a bearer token that is not well formed',
  api_key: 'an API key',
  jwt: 'a JWT, which its provider is asked about where no other identity takes it',
  opaque: 'an opaque token',
});

async function authenticate(asker: Asker, request: NormalRequest, signal: AbortSignal): Promise<Verdict<Identified>> {
  const presented = readBearer(request.headers, asker.possession.schemes);
  switch (presented.kind) {
    case 'absent':
      return abstain();
    case 'ambiguous':
      return refuse(asker, 'credential_ambiguous', {}, 'invalid_request');
    case 'malformed':
      // 401, and RFC 6750 section 3.1 keeps invalid_request for 400.
      return refuse(asker, 'credential_malformed', {}, 'invalid_token');
    case 'other_scheme':
      // RFC 6750 section 3.1: who used another scheme is told what to use, and of no error.
      return refuse(asker, 'credential_malformed', { problem: 'scheme' }, undefined);
    case 'token':
      return identify(asker, { ...presented, request }, signal);
    default:
      return presented satisfies never;
  }
}

const refuse = (
  { id, possession }: Asker,
  reason: Reason,
  detail: Detail,
  error: ChallengeError | undefined,
  scheme: TokenScheme = 'bearer',
): Reject =>
  reject(reason, { identity: id, ...detail }, { headers: challengeHeaders(possession.challenges(scheme, error)) });

async function identify(asker: Asker, presented: Presented, signal: AbortSignal): Promise<Verdict<Identified>> {
  const { id, options, introspector, judge, clock, possession } = asker;
  const { token, scheme } = presented;
  const bad = (reason: Reason, detail: Detail = {}): Reject => refuse(asker, reason, detail, 'invalid_token', scheme);
  const form = formOf(token);
  if (form === 'malformed' || form === 'api_key') return bad('credential_malformed', { problem: form });
  if (form === 'jwt' && isForeign(token, options.provider.issuer)) return bad('token_issuer');
  const found = introspector.find(token, options.signed, signal);
  // What is remembered is at hand: nothing is waited for then.
  const { answer, from } = found instanceof Promise ? await found : found;
  switch (answer.kind) {
    case 'unavailable':
      return fail('introspection_unavailable', { identity: id, problem: answer.problem });
    case 'inactive':
      return bad('token_inactive', { from });
    case 'active': {
      const { claims } = answer;
      const judged = judge(claims, clock.nowMs());
      if ('reason' in judged) return bad(judged.reason, { claim: judged.claim, from });
      const asked = possession.verify({ ...presented, claims }, signal);
      const proven = asked instanceof Promise ? await asked : asked;
      if (proven.kind !== 'pass') return proven;
      const { boundBy, response } = proven.value;
      return passWith(identified(proved(judged, token, boundBy), response), { identity: id, from });
    }
    default:
      return answer satisfies never;
  }
}

/** The principal with what was proved now. Some providers call a token by itself: that is no name to be shown. */
function proved(principal: Principal, token: string, boundBy: Principal['boundBy']): Principal {
  const isShown = principal.credentialId === token;
  if (boundBy === undefined && !isShown) return principal;
  return { ...principal, boundBy, credentialId: isShown ? undefined : principal.credentialId };
}

/** Whether a JWT says that it is of another issuer: then this provider is not asked. */
function isForeign(token: string, issuer: string): boolean {
  const read = readCompact(token);
  return issuer !== '' && read.ok && read.claims['iss'] !== issuer;
}
