import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { AdapterFactory, Configuration, JWK, Provider, ResourceServer } from 'oidc-provider';
import { fromCheckout } from './packages.ts';
import { listenOnLoopback } from './servers.ts';
import { namedUserGrant, type TokenSource } from './token.ts';

/** Who can get a token, and in which role. */
export const accounts = Object.freeze({
  alice: ['editor'],
  bob: ['reader'],
  carol: ['admin'],
} as const satisfies Record<string, readonly string[]>);

/** A name of the account table. */
export type Account = keyof typeof accounts;

/** The names of the account table. */
export const accountNames: readonly Account[] = Object.freeze(Object.keys(accounts) as Account[]); // keys of a frozen literal

const audience = 'orders';
const resource = 'urn:portcullis:demo:orders';

/** A running identity provider, and how to get tokens from it. */
export interface IdentityProvider extends TokenSource {
  readonly port: number;
  /** Goes away: nothing listens any more. */
  close(): Promise<void>;
  /** Comes back on the same port with the same keys. */
  reopen(): Promise<void>;
}

/**
 * A certified OpenID provider with keys of its own, new at every start: discovery, JWKS, and access tokens as JWTs
 * (RFC 9068) with the account's roles. Instead of a login page it has a grant that names the user, for one client.
 */
export async function startIdentityProvider(port: number): Promise<IdentityProvider> {
  const { Provider } = await fromCheckout(() => import('oidc-provider'));
  // The issuer's name needs the port, so the server listens before the provider exists.
  let handle: ReturnType<Provider['callback']> | undefined;
  const listen = (at: number) => listenOnLoopback(at, (request, response) => handle?.(request, response));
  let server = await listen(port);
  const issuer = `http://127.0.0.1:${server.port}`;
  const clientSecret = randomBytes(32).toString('base64url');
  const provider = new Provider(issuer, configuration(clientSecret));
  provider.registerGrantType<{ account?: string }>(
    namedUserGrant,
    async (ctx) => {
      const { account = '' } = ctx.oidc.params;
      if (!Object.hasOwn(accounts, account)) {
        ctx.status = 400;
        ctx.body = {
          error: 'invalid_grant',
          error_description: `no such account; there are ${accountNames.join(', ')}`,
        };
        return;
      }
      const token = new provider.AccessToken({
        client: ctx.oidc.client,
        accountId: account,
        grantId: randomUUID(),
        gty: namedUserGrant,
        resourceServer: new provider.ResourceServer(resource, orders),
      });
      ctx.body = { access_token: await token.save(), expires_in: token.expiration, token_type: token.tokenType };
    },
    ['account'],
  );
  handle = provider.callback();
  return {
    port: server.port,
    issuer,
    clientSecret,
    close: () => server.close(),
    reopen: async () => {
      server = await listen(server.port);
    },
  };
}

const orders: ResourceServer = {
  scope: '',
  audience,
  accessTokenFormat: 'jwt',
  accessTokenTTL: 3600,
  jwt: { sign: { alg: 'ES256' } },
};

const configuration = (clientSecret: string): Configuration => ({
  adapter: nothingKept,
  clients: [
    {
      client_id: 'demo',
      client_secret: clientSecret,
      grant_types: [namedUserGrant],
      redirect_uris: [],
      response_types: [],
    },
  ],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  jwks: { keys: [signingKey()] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      getResourceServerInfo: () => orders,
    },
  },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  extraTokenClaims: (_, token) =>
    token.kind === 'AccessToken' && isAccount(token.accountId) ? { roles: [...accounts[token.accountId]] } : undefined,
  ttl: { AccessToken: 3600 },
});

/** Whether a text names an account. */
export const isAccount = (name: string): name is Account => Object.hasOwn(accounts, name);

// Tokens are self-contained, so nothing has to be kept; flows that need it, and there is no page for them, fail.
const nothingKept: AdapterFactory = () => {
  const nothing = async (): Promise<undefined> => undefined;
  return {
    upsert: nothing,
    find: nothing,
    findByUid: nothing,
    findByUserCode: nothing,
    consume: nothing,
    destroy: nothing,
    revokeByGrantId: nothing,
  };
};

function signingKey(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(8).toString('hex');
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' } as JWK; // an EC key by construction
}
