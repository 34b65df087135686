import { generateKeyPairSync, type X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type ClientMetadata, type Configuration, type JWK, Provider, type ResourceServer } from 'oidc-provider';
import { createMemory } from '../../src/demo/provider/adapter.ts';
import type { Authority } from './certificates.ts';

/** A real OpenID provider over TLS, whose access tokens only it can read. */
export interface OpaqueProvider {
  /** https://localhost and the port. */
  readonly issuer: string;
  /** "METHOD /path" of all requests, in their order. */
  readonly asked: readonly string[];
  /** A token for the orders API: of a user, or without one of the client itself. */
  token(options?: { readonly account?: string; readonly jkt?: string; readonly thumbprint?: string }): Promise<string>;
  /** A refresh token of a user. */
  refreshToken(account: string): Promise<string>;
  /** Takes a token back, as the client that it was issued to. */
  revoke(token: string): Promise<void>;
  close(): Promise<void>;
}

const orders: ResourceServer = {
  scope: 'orders:read',
  audience: 'orders',
  accessTokenFormat: 'opaque',
  accessTokenTTL: 600,
};
const app = { client_id: 'app', client_secret: 'the secret of the app' };

/** Starts it with these clients, besides the one that tokens are issued to. */
export async function startOpaqueProvider(
  authority: Authority,
  clients: readonly ClientMetadata[],
): Promise<OpaqueProvider> {
  const { cert, key } = await authority.issue('provider');
  const asked: string[] = [];
  // The issuer's name needs the port, so the server listens before the provider exists.
  const server = createServer({ cert, key, ca: authority.ca, requestCert: true, rejectUnauthorized: false });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const issuer = `https://localhost:${port}`;
  const provider = new Provider(issuer, configurationOf(clients));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });

  const issueTo = async (account: string) => {
    const client = await provider.Client.find(app.client_id);
    if (client === undefined) throw new TypeError('the app is one of the clients');
    const grant = new provider.Grant({ clientId: app.client_id, accountId: account });
    return { client, accountId: account, grantId: await grant.save(), gty: 'authorization_code' };
  };
  return {
    issuer,
    asked,
    token: async ({ account, jkt, thumbprint } = {}) => {
      const resourceServer = new provider.ResourceServer('urn:orders', orders);
      const { client, ...of } = await issueTo(account ?? '');
      const token =
        account === undefined
          ? new provider.ClientCredentials({ client, scope: orders.scope, resourceServer })
          : new provider.AccessToken({ client, scope: orders.scope, resourceServer, ...of });
      if (jkt !== undefined) token.setThumbprint('jkt', jkt);
      if (thumbprint !== undefined) token['x5t#S256'] = thumbprint;
      return token.save();
    },
    refreshToken: async (account) => {
      const { client, ...of } = await issueTo(account);
      return new provider.RefreshToken({ client, scope: 'offline_access', ...of }).save();
    },
    revoke: async (token) => {
      const found = (await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token));
      await found?.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const configurationOf = (clients: readonly ClientMetadata[]): Configuration => ({
  adapter: createMemory().adapter,
  clients: [{ ...app, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }, ...clients],
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth'],
  clientDefaults: { id_token_signed_response_alg: 'ES256', introspection_signed_response_alg: 'ES256' },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'], introspectionSigningAlgValues: ['ES256'] },
  jwks: { keys: [signingKey()] },
  cookies: { keys: ['unused'] },
  // By itself it asks nobody on loopback.
  fetch: (url, { method, headers } = {}) => fetch(url, { ...(method && { method }), ...(headers && { headers }) }),
  ttl: { AccessToken: 600, ClientCredentials: 600, Grant: 600, RefreshToken: 600 },
  extraTokenClaims: (_, token) => ('accountId' in token ? { roles: ['reader'] } : undefined),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    jwtIntrospection: { enabled: true },
    mTLS: {
      enabled: true,
      tlsClientAuth: true,
      getCertificate: ({ socket }) => peerOf(socket)?.toString(),
      certificateAuthorized: ({ socket }) => socket instanceof TLSSocket && socket.authorized,
      certificateSubjectMatches: ({ socket }, _, expected) => peerOf(socket)?.subject === expected,
    },
  },
});

function peerOf(socket: unknown): X509Certificate | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
}

function signingKey(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'provider', use: 'sig', alg: 'ES256' } as JWK; // an EC key by construction
}
