import type { BuildContext } from '../../core/build.ts';
import { openReader, type Reader, readChoice } from '../../core/options.ts';
import { readOutbound } from '../../outbound/options.ts';
import type { OutboundOptions } from '../../outbound/outbound.ts';
import { faultOfUrl } from '../../outbound/url.ts';
import { algorithmNames, isAlgorithm } from '../algorithms.ts';
import { type OAuthClient, readClient } from '../provider-side/client/index.ts';
import { readRoleMapping } from '../role-mapping.ts';
import { type ClaimRules, namedClaim } from '../token/claims.ts';
import { readRequiredClaims } from '../token/required-claims.ts';
import { type LoginOptions, type LogoutOptions, readLogin, readLogout } from './login-options.ts';
import { defaults } from './schema.ts';
import { readSession, type SessionOptions } from './session-options.ts';

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
  readonly logout: LogoutOptions;
}

const maxResponseBytes = 1024 ** 2;
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
      clockSkewMs: reader.durationMs('clock_skew', defaults.clockSkew, { minMs: 0, maxMs: 600_000 }),
      maxAgeMs: undefined,
      requiredClaims: readRequiredClaims(reader, context),
    },
    audience: readAudience(reader, context, claimSource),
    session: readSession(id, reader.raw('session') ?? {}, context.at('session')),
    login: readLogin(reader.raw('login') ?? {}, context.at('login')),
    logout: readLogout(reader.raw('logout') ?? {}, context.at('logout')),
  };
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
