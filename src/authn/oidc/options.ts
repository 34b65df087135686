import type { BuildContext } from '../../core/build.ts';
import { algorithmNames, isAlgorithm } from '../algorithms.ts';
import { openReader, type Reader } from '../options.ts';
import { type OAuthClient, readClient } from '../provider-side/client/index.ts';
import { readOutbound } from '../provider-side/outbound/options.ts';
import type { OutboundOptions } from '../provider-side/outbound/outbound.ts';
import { faultOfUrl } from '../provider-side/outbound/url.ts';
import { readRoleMapping } from '../role-mapping.ts';
import { type ClaimRules, namedClaim } from '../token/claims.ts';
import { readRequiredClaims } from '../token/required-claims.ts';
import type { SameSite } from './cookies.ts';
import { readSessionKeys } from './keys.ts';
import { isLocal } from './return-address.ts';
import { defaults } from './schema.ts';

/** From what the claims of a principal are taken. */
type ClaimSource = 'id_token' | 'userinfo' | 'access_token';

/** The total options of an oidc identity. */
export interface OidcOptions {
  readonly issuer: string;
  readonly client: OAuthClient;
  readonly outbound: OutboundOptions;
  /** The origin that browsers see, like "https://app.example.com". */
  readonly publicUrl: string;
  readonly scopes: readonly string[];
  readonly algorithms: ReadonlySet<string>;
  readonly claimSource: ClaimSource;
  /** For the ID token: the audience is our client id. */
  readonly claims: ClaimRules;
  /** Who an access token must be for, where claims are taken from it. */
  readonly audience: ReadonlySet<string>;
  readonly session: SessionOptions;
  readonly login: LoginOptions;
  readonly logout: { readonly after: string; readonly rpInitiated: boolean };
}

/** How long sessions live, and where. */
export interface SessionOptions {
  readonly store: 'cookie' | 'shared';
  readonly keys: readonly Uint8Array[];
  readonly cookie: string;
  readonly sameSite: SameSite;
  readonly idleMs: number;
  readonly absoluteMs: number;
  /** Tokens are renewed when they would end within this time. */
  readonly refreshBeforeMs: number;
  /** What is remembered of sessions, so that a cookie is opened once. */
  readonly cache: CacheBounds;
}

/** How much is remembered. */
export interface CacheBounds {
  readonly maxSessions: number;
  readonly maxBytes: number;
}

interface LoginOptions {
  /** How long a login may take. */
  readonly timeoutMs: number;
  /** How many may be under way in one browser. */
  readonly parallel: number;
  readonly landing: string;
  /** Parameters of ours for the provider's login page. */
  readonly parameters: Readonly<Record<string, string>>;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const cookieName = /^[!#$%&'*+^_`|~0-9A-Za-z-]{1,64}$/;
const maxResponseBytes = 1024 ** 2;
// Ours to say: whoever could set one of these could undo the protection of the login.
const reserved: ReadonlySet<string> = new Set(
  (
    'client_id client_secret redirect_uri response_type response_mode scope state nonce code_challenge code_challenge_method ' +
    'request request_uri id_token_hint acr_values max_age registration'
  ).split(' '),
);

/** Reads the options; what is wrong is an issue, and reads as something that lets nobody in. */
export function readOidcOptions(id: string, raw: unknown, context: BuildContext): OidcOptions {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  for (const name of ['issuer', 'client', 'public_url', 'session']) {
    if (!reader.has(name)) context.issue([name], 'is required');
  }
  const client = readClient(reader.raw('client') ?? {}, context.at('client'));
  const issuer = reader.text('issuer', '');
  if (issuer.includes('?')) context.issue(['issuer'], 'must not have a query');
  const outbound = readOutbound(reader, context, {
    timeout: defaults.timeout,
    maxBytes: maxResponseBytes,
    urls: [{ option: 'issuer', url: issuer }],
  });
  const claimSource = readChoice(reader, context, 'claims_from', ['id_token', 'userinfo', 'access_token'] as const);
  return {
    issuer,
    client,
    outbound: { ...outbound, clientCertificate: client.certificate },
    publicUrl: readPublicUrl(reader, context),
    scopes: readScopes(reader, context),
    algorithms: readAlgorithms(reader, context),
    claimSource,
    claims: {
      audience: new Set(client.id === '' ? [] : [client.id]),
      roles: readRoleMapping(reader, context),
      scopes: namedClaim(reader.text('scope_claim', 'scope')),
      clockSkewMs: reader.durationMs('clock_skew', defaults.clockSkew, { minMs: 0, maxMs: 10 * minute }),
      maxAgeMs: undefined,
      requiredClaims: readRequiredClaims(reader, context),
    },
    audience: readAudience(reader, context, claimSource),
    session: readSession(id, reader.raw('session') ?? {}, context.at('session')),
    login: readLogin(reader.raw('login') ?? {}, context.at('login')),
    logout: readLogout(reader.raw('logout') ?? {}, context.at('logout')),
  };
}

/** One of several words, the first of which is the default. */
function readChoice<const T extends string>(
  reader: Reader,
  context: BuildContext,
  name: string,
  choices: readonly [T, ...T[]],
): T {
  const said = reader.text(name, choices[0]);
  const choice = choices.find((one) => one === said);
  if (choice === undefined) context.issue([name], `must be one of ${choices.join(', ')}`);
  return choice ?? choices[0];
}

function readPublicUrl(reader: Reader, context: BuildContext): string {
  const text = reader.text('public_url', '');
  if (text === '') return '';
  const origin = text.replace(/\/$/, '');
  const fault =
    faultOfUrl(text, { allowHttp: false, allowedHosts: undefined }) ??
    (URL.parse(origin)?.origin === origin
      ? undefined
      : 'must be an origin in lower case, without path and default port');
  if (fault !== undefined) context.issue(['public_url'], fault);
  return fault === undefined ? origin : '';
}

// RFC 6749 appendix A.4.
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

function readScopes(reader: Reader, context: BuildContext): readonly string[] {
  const scopes = reader.texts('scopes', ['openid']);
  for (const [index, scope] of scopes.entries()) {
    if (!scopeToken.test(scope)) context.issue(['scopes', index], 'must be a scope: visible ASCII without quotes');
  }
  if (!scopes.includes('openid')) context.issue(['scopes'], 'must hold openid: without it there is no ID token');
  return scopes;
}

function readAlgorithms(reader: Reader, context: BuildContext): ReadonlySet<string> {
  const names = reader.texts('algorithms', defaults.algorithms);
  if (names.length === 0) context.issue(['algorithms'], 'must name at least one algorithm');
  for (const [index, name] of names.entries()) {
    if (!isAlgorithm(name)) {
      context.issue(['algorithms', index], `must be asymmetric, one of ${algorithmNames.join(', ')}`);
    }
  }
  return new Set(names.filter(isAlgorithm));
}

function readAudience(reader: Reader, context: BuildContext, source: ClaimSource): ReadonlySet<string> {
  const audience = reader.texts('audience', []);
  if (source === 'access_token' && audience.length === 0) {
    context.issue(['audience'], 'is required where claims are taken from the access token: it must be for us');
  }
  if (source !== 'access_token' && reader.has('audience')) {
    context.issue(['audience'], 'has no meaning without claims_from: access_token');
  }
  return new Set(audience);
}

function readSession(id: string, raw: unknown, context: BuildContext): SessionOptions {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  const files = reader.texts('keys_files', []);
  if (files.length === 0) context.issue(['keys_files'], 'must name at least one file');
  const cookie = reader.text('cookie', `__Host-portcullis-${id}`);
  if (!cookieName.test(cookie) || !cookie.startsWith('__Host-')) {
    context.issue(['cookie'], 'must begin with __Host- and be at most 64 letters, digits, _ and -');
  }
  const idleMs = reader.durationMs('idle', defaults.idle, { minMs: minute, maxMs: 30 * day });
  const absoluteMs = reader.durationMs('absolute', defaults.absolute, { minMs: minute, maxMs: 90 * day });
  if (idleMs > absoluteMs) context.issue(['idle'], 'must not be longer than absolute');
  return {
    store: readChoice(reader, context, 'store', ['cookie', 'shared']),
    keys: readSessionKeys(files, context.at('keys_files')),
    cookie,
    sameSite: readChoice(reader, context, 'same_site', ['lax', 'strict']) === 'strict' ? 'Strict' : 'Lax',
    idleMs,
    absoluteMs,
    refreshBeforeMs: reader.durationMs('refresh_before', defaults.refreshBefore, { minMs: 1000, maxMs: day }),
    cache: readCache(reader.raw('cache') ?? {}, context.at('cache')),
  };
}

function readCache(raw: unknown, context: BuildContext): CacheBounds {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  return {
    maxSessions: reader.integer('max_sessions', defaults.maxSessions, { min: 1, max: 10_000_000 }),
    maxBytes: reader.bytes('max_bytes', defaults.maxBytes, { min: 64 * 1024, max: 4 * 1024 ** 3 }),
  };
}

function readLogin(raw: unknown, context: BuildContext): LoginOptions {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  return {
    timeoutMs: reader.durationMs('timeout', defaults.loginTimeout, { minMs: minute, maxMs: day }),
    parallel: reader.integer('parallel', defaults.parallel, { min: 1, max: 20 }),
    landing: readPath(reader, context, 'landing'),
    parameters: readParameters(reader, context),
  };
}

function readParameters(reader: Reader, context: BuildContext): Readonly<Record<string, string>> {
  const members = openReader(reader.raw('parameters') ?? {}, (path, message) =>
    context.issue(['parameters', ...path], message),
  );
  const given = reader.raw('parameters');
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  return Object.fromEntries(
    names.flatMap((name) => {
      if (reserved.has(name)) context.issue(['parameters', name], 'is ours to set');
      const value = members.text(name, '');
      return value === '' || reserved.has(name) ? [] : [[name, value]];
    }),
  );
}

const readLogout = (raw: unknown, context: BuildContext): OidcOptions['logout'] => {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  return { after: readPath(reader, context, 'after'), rpInitiated: reader.flag('rp_initiated', true) };
};

function readPath(reader: Reader, context: BuildContext, name: string): string {
  const path = reader.text(name, '/');
  if (!isLocal(path)) context.issue([name], 'must be a path on the public origin, like /');
  return isLocal(path) ? path : '/';
}
