import { levelsFlow } from './levels-flow.ts';

/** The realm of the tests, as Keycloak's admin API takes it. */
export const realm = 'shop';

/** Everybody's password, and every client's secret. */
export const secret = 'not-a-secret-in-a-test';

const mapper = (name: string, protocolMapper: string, config: Readonly<Record<string, string>>) => ({
  name,
  protocol: 'openid-connect',
  protocolMapper,
  config,
});

/** Puts our audience and the roles into tokens. */
const mappers = [
  mapper('orders', 'oidc-audience-mapper', { 'included.custom.audience': 'orders', 'access.token.claim': 'true' }),
  mapper('roles', 'oidc-usermodel-realm-role-mapper', {
    'claim.name': 'roles',
    'jsonType.label': 'String',
    multivalued: 'true',
    'access.token.claim': 'true',
    'id.token.claim': 'true',
    'introspection.token.claim': 'true',
  }),
];

const client = (clientId: string, attributes: Readonly<Record<string, string>>, more: object = {}) => ({
  clientId,
  secret,
  publicClient: false,
  standardFlowEnabled: false,
  directAccessGrantsEnabled: true,
  protocolMappers: mappers,
  attributes,
  ...more,
});

/** What makes the codes of carol's device (RFC 6238). */
export const deviceSecret = 'a-secret-of-a-device';
const device = {
  type: 'otp',
  secretData: JSON.stringify({ value: deviceSecret }),
  credentialData: JSON.stringify({ subType: 'totp', digits: 6, counter: 0, period: 30, algorithm: 'HmacSHA1' }),
};

// The id is what tokens have for their subject.
const person = (username: string, role: string, ...credentials: readonly object[]) => ({
  id: username,
  username,
  enabled: true,
  email: `${username}@example.com`,
  emailVerified: true,
  firstName: username,
  lastName: 'Example',
  credentials: [{ type: 'password', value: secret, temporary: false }, ...credentials],
  realmRoles: [role],
});

/** The realm: three people, one of whom has a device for codes; a client whose tokens are for whoever has them, two whose tokens are bound. */
export const shopRealm = {
  realm,
  enabled: true,
  // Each refresh token is good once.
  revokeRefreshToken: true,
  refreshTokenMaxReuse: 0,
  roles: { realm: [{ name: 'reader' }, { name: 'editor' }] },
  users: [person('alice', 'editor'), person('bob', 'reader'), person('carol', 'reader', device)],
  clients: [
    client('app', {}),
    client('sender', { 'dpop.bound.access.tokens': 'true' }),
    client('holder', { 'tls.client.certificate.bound.access.tokens': 'true' }),
  ],
  ...levelsFlow,
};

const asking = { directAccessGrantsEnabled: false, serviceAccountsEnabled: true };

/** The clients that the gateway at an origin is: three that ask about tokens, and one for people who log in. */
export const gatewayClients = (origin: string): readonly object[] => [
  client('by-secret', {}, asking),
  client(
    'by-key',
    {
      'use.jwks.url': 'true',
      'jwks.url': `${origin}/.portcullis/jwks.json`,
      'token.endpoint.auth.signing.alg': 'ES256',
    },
    { ...asking, clientAuthenticatorType: 'client-jwt' },
  ),
  client('by-certificate', { 'x509.subjectdn': 'CN=gateway' }, { ...asking, clientAuthenticatorType: 'client-x509' }),
  client(
    'browser',
    {
      'pkce.code.challenge.method': 'S256',
      'post.logout.redirect.uris': `${origin}/`,
      'backchannel.logout.url': `${origin}/.portcullis/browser/backchannel-logout`,
      'backchannel.logout.session.required': 'true',
      // Short, so that tokens are renewed while the tests look on.
      'access.token.lifespan': '5',
    },
    {
      standardFlowEnabled: true,
      directAccessGrantsEnabled: false,
      redirectUris: [`${origin}/.portcullis/browser/callback`],
      frontchannelLogout: false,
    },
  ),
];
