import type { NormalRequest } from '../core/attributes.ts';
import type { BuildContext } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import { whenKnown } from '../core/patience.ts';
import type { Principal } from '../core/principal.ts';
import type { Reason } from '../core/reason.ts';
import { type Detail, fail, type Reject } from '../core/verdict.ts';
import { looksLikeApiKey } from './api-key/format.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  type Judgement,
  plainAuthenticator,
} from './authenticator.ts';
import { type Finding, type Introspector, openIntrospector } from './introspection/introspector.ts';
import { type Judge, openJudge } from './introspection/judgement.ts';
import { type IntrospectionOptions, readIntrospectionOptions } from './introspection/options.ts';
import { introspectionSchema } from './introspection/schema.ts';
import { buildPossession } from './possession/index.ts';
import { readBearer } from './token/bearer.ts';
import { detailOf } from './token/claim-faults.ts';
import { readCompact } from './token/compact.ts';
import {
  concludeWith,
  describeToken,
  type Presented,
  refuse,
  type TokenTaker,
  takeToken,
  tokenMembers,
} from './token/presented-token.ts';

interface Asker extends TokenTaker {
  readonly options: IntrospectionOptions;
  readonly introspector: Introspector;
  readonly judge: Judge;
  readonly clock: Clock;
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
    ...tokenMembers(possession),
    id,
    kind: 'introspection',
    // An opaque token names none: two identities of this kind cannot tell theirs apart.
    issuer: '',
    keySets: keySet === undefined ? [] : [keySet],
    publishedKeys: provider.client.publishedKeys,
    recognises: (request) => {
      const presented = read(request);
      return presented.kind === 'token' && formOf(presented.token) === 'opaque';
    },
    authenticate: authenticateFor(asker),
    watch: authenticateFor({ ...asker, watches: true }),
    describe: (request) => describeToken(read(request), (token) => descriptions[formOf(token)]),
    ready: () => introspector.ready() && (signed?.keySet.ready() ?? true),
  };
}

const authenticateFor =
  (asker: Asker): Authenticator['authenticate'] =>
  (request, signal) =>
    guarded(signal, () => takeToken(asker, request, (presented) => identify(asker, presented, signal)));

/** All that answers, and what is remembered of them, depend on; the keys of signed ones are looked at with each of them. */
function specOf({ provider, memory, signed, keySet }: IntrospectionOptions): unknown {
  const howSigned = signed && { ...signed, algorithms: [...signed.algorithms], audience: [...signed.audience], keySet };
  return { ...provider, client: provider.client.name, memory, signed: howSigned };
}

// RFC 6750 section 2.1.
const b64token = /^[A-Za-z0-9._~+/-]+=*$/;

/** What a token is by its looks: a key of our own must not be shown to others, and a JWT may well be of somebody else. */
function formOf(token: string): 'malformed' | 'api_key' | 'jwt' | 'opaque' {
  if (!b64token.test(token)) return 'malformed';
  if (looksLikeApiKey(token)) return 'api_key';
  return readCompact(token).ok ? 'jwt' : 'opaque';
}

const descriptions = Object.freeze({
  malformed: 'a bearer token that is not well formed',
  api_key: 'an API key',
  jwt: 'a JWT, which its provider is asked about where no other identity takes it',
  opaque: 'an opaque token',
});

function identify(asker: Asker, presented: Presented, signal: AbortSignal): Judgement {
  const { options, introspector } = asker;
  const { token, scheme } = presented;
  const bad = (reason: Reason, detail: Detail = {}): Reject => refuse(asker, reason, detail, 'invalid_token', scheme);
  const form = formOf(token);
  if (form === 'malformed' || form === 'api_key') return bad('credential_malformed', { problem: form });
  if (form === 'jwt' && isForeign(token, options.provider.issuer)) return bad('token_issuer');
  const found = introspector.find(token, options.signed, signal);
  const told = (finding: Finding): Judgement => judgeFinding(asker, presented, finding, signal);
  // What is remembered is at hand: nothing is waited for then.
  return whenKnown(found, told);
}

function judgeFinding(asker: Asker, presented: Presented, { answer, from }: Finding, signal: AbortSignal): Judgement {
  const { id, judge, clock } = asker;
  const bad = (reason: Reason, detail: Detail): Reject =>
    refuse(asker, reason, { ...detail, from }, 'invalid_token', presented.scheme);
  switch (answer.kind) {
    case 'unavailable':
      return fail('introspection_unavailable', { identity: id, problem: answer.problem });
    case 'inactive':
      return bad('token_inactive', {});
    case 'active': {
      const judged = judge(answer.claims, clock.nowMs());
      if ('reason' in judged) return bad(judged.reason, detailOf(judged));
      const principal = withoutToken(judged, presented.token);
      return concludeWith(asker, presented, principal, { identity: id, from }, signal);
    }
    default:
      return answer satisfies never;
  }
}

/** Some providers call a token by itself: that is no name to be shown. */
const withoutToken = (principal: Principal, token: string): Principal =>
  principal.credentialId === token ? { ...principal, credentialId: undefined } : principal;

/** Whether a JWT says that it is of another issuer: then this provider is not asked. */
function isForeign(token: string, issuer: string): boolean {
  const read = readCompact(token);
  return issuer !== '' && read.ok && read.claims['iss'] !== issuer;
}
