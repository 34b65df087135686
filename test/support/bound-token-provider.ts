import { generateKeyPairSync, type X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Configuration, type JWK, Provider, type ResourceServer } from 'oidc-provider';
import { answerTo } from '../../src/demo/http-answer.ts';
import { createMemory } from '../../src/demo/provider/adapter.ts';
import { listenOnLoopback } from '../../src/demo/servers.ts';
import { createAuthority } from './certificates.ts';
import type { ClientIdentity } from './client-certificates.ts';

/** A real OpenID provider whose access tokens, signed JWTs, are bound to whoever asks for them. */
export interface BoundTokenProvider {
  /** http://127.0.0.1 and the port. */
  readonly issuer: string;
  /** A token of the client "app", bound to the key of a proof for the token endpoint, if there is one. */
  token(proof: string | undefined): Promise<string>;
  /** A token of the client "machine", bound to the certificate that is shown. */
  certificateToken(client: ClientIdentity): Promise<string>;
  close(): Promise<void>;
}

const secret = 'a secret of a client';
const orders: ResourceServer = {
  scope: '',
  audience: 'orders',
  accessTokenFormat: 'jwt',
  accessTokenTTL: 600,
  jwt: { sign: { alg: 'ES256' } },
};
const form = new URLSearchParams({ grant_type: 'client_credentials', resource: 'urn:orders' }).toString();
const headersFor = (client: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${client}:${encodeURIComponent(secret)}`).toString('base64')}`,
  'content-type': 'application/x-www-form-urlencoded',
});

/** Starts it on loopback: over HTTP for the key set and proofs, over TLS for those who show a certificate. */
export async function startBoundTokenProvider(): Promise<BoundTokenProvider> {
  // The issuer's name needs the port, so the server listens before the provider exists.
  let handle: ReturnType<Provider['callback']> | undefined;
  const plain = await listenOnLoopback(0, (incoming, response) => handle?.(incoming, response));
  const issuer = `http://127.0.0.1:${plain.port}`;
  handle = new Provider(issuer, configuration()).callback();
  const authority = await createAuthority();
  const { cert, key } = await authority.issue('provider');
  // Whom a certificate belongs to is not asked: a token is bound to whichever is shown (RFC 8705 section 3).
  const tls = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, handle);
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
  const { port } = tls.address() as AddressInfo; // it listens on TCP
  return {
    issuer,
    token: async (proof) => {
      const headers = { ...headersFor('app'), ...(proof === undefined ? {} : { dpop: proof }) };
      const answer = await fetch(`${issuer}/token`, { method: 'POST', headers, body: form });
      return tokenIn(await answer.text());
    },
    certificateToken: async (client) => {
      const target = {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        ca: authority.ca,
        agent: false,
        path: '/token',
      };
      const own = { cert: client.cert, key: client.key, method: 'POST', timeout: 10_000 };
      const { body } = await answerTo(request({ ...target, ...own, headers: headersFor('machine') }), form);
      return tokenIn(body);
    },
    close: async () => {
      await plain.close();
      tls.closeAllConnections();
      await new Promise((resolve) => tls.close(resolve));
    },
  };
}

function tokenIn(body: string): string {
  const { access_token: token }: { readonly access_token?: string } = JSON.parse(body);
  if (token === undefined) throw new TypeError(`no token: ${body}`);
  return token;
}

const usual = { client_secret: secret, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };

const configuration = (): Configuration => ({
  adapter: createMemory().adapter,
  ttl: { ClientCredentials: 600 },
  clients: [
    { ...usual, client_id: 'app' },
    { ...usual, client_id: 'machine', tls_client_certificate_bound_access_tokens: true },
  ],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
  jwks: { keys: [signingKey()] },
  cookies: { keys: ['unused'] },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      getCertificate: ({ socket }) => peerOf(socket)?.toString(),
    },
    resourceIndicators: { enabled: true, getResourceServerInfo: () => orders },
  },
});

function peerOf(socket: unknown): X509Certificate | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
}

function signingKey(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'provider', use: 'sig', alg: 'ES256' } as JWK; // an EC key by construction
}
