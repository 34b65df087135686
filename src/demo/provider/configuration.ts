import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Configuration, Grant, interactionPolicy, JWK, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { pageHeaders } from '../html.ts';
import { browserClient, namedUserGrant } from '../token.ts';
import { rolesOf } from './accounts.ts';
import type { ProviderMemory } from './adapter.ts';
import { gatewayFetch } from './gateway-fetch.ts';
import { errorPage, logoutPage, signedOutPage } from './pages.ts';

/** Ways in which somebody may have been authenticated (the claim acr), the stronger one last. */
export const acrValues = ['urn:portcullis:demo:password', 'urn:portcullis:demo:two-factor'] as const;

const audience = 'orders';
const sessionSeconds = 8 * 3600;

/** The API that access tokens of the demo's client are for. */
export const ordersResource = 'urn:portcullis:demo:orders';

/** Its tokens: signed JWTs (RFC 9068) for an hour. */
export const orders: ResourceServer = {
  scope: '',
  audience,
  accessTokenFormat: 'jwt',
  accessTokenTTL: 3600,
  jwt: { sign: { alg: 'ES256' } },
};

/** The gateway whose logins the provider serves. */
export interface GatewayClient {
  /** Like "https://localhost:8443". */
  readonly origin: string;
  /** The authority of its certificate, PEM. */
  readonly ca: string;
}

/** What the configuration depends on. */
interface ConfigurationOptions {
  readonly clientSecret: string;
  readonly browserSecret: string;
  readonly gateway: GatewayClient | undefined;
  /** Seconds that an access token of the browser's client is good for. */
  readonly tokenSeconds: number;
  readonly memory: ProviderMemory;
  readonly policy: typeof interactionPolicy;
}

/** The provider's configuration: signing keys are new at every start. */
export function configurationOf(options: ConfigurationOptions): Configuration {
  const { clientSecret, browserSecret, gateway, tokenSeconds, memory, policy } = options;
  return {
    adapter: memory.adapter,
    clients: [
      {
        client_id: 'demo',
        client_secret: clientSecret,
        grant_types: [namedUserGrant],
        redirect_uris: [],
        response_types: [],
      },
      ...(gateway === undefined ? [] : [browserMetadata(gateway.origin, browserSecret)]),
    ],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    acrValues,
    // In the ID token at once: nobody has to ask the userinfo endpoint for them.
    claims: { openid: ['sub', 'roles', 'name', 'acr', 'amr', 'auth_time', 'sid'] },
    conformIdTokenClaims: false,
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: sub, roles: [...rolesOf(sub)] }),
    }),
    extraTokenClaims: (_, token) =>
      token.kind === 'AccessToken' ? { roles: [...rolesOf(token.accountId)] } : undefined,
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_, client) => (client.clientId === browserClient ? undefined : ordersResource),
        getResourceServerInfo: () => orders,
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => show(ctx, logoutPage(form)),
        postLogoutSuccessSource: (ctx) => show(ctx, signedOutPage()),
      },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
    },
    pkce: { required: () => true },
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    // Each is good once, so that using one twice is noticed.
    rotateRefreshToken: true,
    interactions: { policy: policyOf(policy) },
    loadExistingGrant,
    renderError: (ctx, out) => show(ctx, errorPage(out.error, out.error_description ?? '')),
    ttl: {
      AccessToken: (_, token) => (token.clientId === browserClient ? tokenSeconds : 3600),
      IdToken: 3600,
      Interaction: 600,
      Grant: sessionSeconds,
      RefreshToken: sessionSeconds,
      Session: sessionSeconds,
    },
    ...(gateway === undefined ? {} : { fetch: gatewayFetch(gateway.ca) }),
  };
}

const browserMetadata = (origin: string, clientSecret: string) => ({
  client_id: browserClient,
  client_name: 'the shop',
  client_secret: clientSecret,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code' as const],
  redirect_uris: [`${origin}/.portcullis/browser/callback`],
  post_logout_redirect_uris: [`${origin}/`],
  backchannel_logout_uri: `${origin}/.portcullis/browser/backchannel-logout`,
  backchannel_logout_session_required: true,
  require_auth_time: true,
});

/** The application is the provider's own: nobody is asked to consent. */
async function loadExistingGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, session, provider } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const grantId = session.grantIdFor(client.clientId);
  const found = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  if (found !== undefined) return found;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid offline_access');
  await grant.save();
  return grant;
}

/** The usual policy, and a login whenever the one that there is does not satisfy acr_values (RFC 9470 section 5). */
function policyOf({ base, Check }: typeof interactionPolicy): interactionPolicy.DefaultPolicy {
  const policy = base();
  const stronger = new Check('acr_values', 'a stronger authentication is asked for', ({ oidc }) => {
    const asked = askedAcr(oidc.params);
    return asked.length > 0 && !asked.includes(oidc.acr) && oidc.result?.login === undefined;
  });
  policy.get('login')?.checks.add(stronger);
  return policy;
}

/** The authentication contexts that a request asks for. */
export const askedAcr = (params: Readonly<Record<string, unknown>> | undefined): readonly string[] =>
  String(params?.['acr_values'] ?? '')
    .split(' ')
    .filter((value) => value !== '');

function show(ctx: KoaContextWithOIDC, page: string): void {
  ctx.set(pageHeaders);
  ctx.body = page;
}

function signingKey(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(8).toString('hex');
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' } as JWK; // an EC key by construction
}
