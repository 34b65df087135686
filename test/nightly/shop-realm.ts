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

const person = (username: string, role: string) => ({
  username,
  enabled: true,
  email: `${username}@example.com`,
  emailVerified: true,
  firstName: username,
  lastName: 'Example',
  credentials: [{ type: 'password', value: secret, temporary: false }],
  realmRoles: [role],
});

/** The realm: two people, a client whose tokens are for whoever has them, one whose tokens are bound, and the gateway that asks. */
export const shopRealm = {
  realm,
  enabled: true,
  sslRequired: 'none',
  roles: { realm: [{ name: 'reader' }, { name: 'editor' }] },
  users: [person('alice', 'editor'), person('bob', 'reader')],
  clients: [
    client('app', {}),
    client('sender', { 'dpop.bound.access.tokens': 'true' }),
    client('gateway', {}, { directAccessGrantsEnabled: false, serviceAccountsEnabled: true }),
  ],
};

/** The client that the gateway is when people log in. */
export const browserClient = (origin: string) =>
  client(
    'browser',
    {
      'pkce.code.challenge.method': 'S256',
      'post.logout.redirect.uris': `${origin}/`,
      'backchannel.logout.url': `${origin}/.portcullis/browser/backchannel-logout`,
      'backchannel.logout.session.required': 'true',
    },
    {
      standardFlowEnabled: true,
      directAccessGrantsEnabled: false,
      redirectUris: [`${origin}/.portcullis/browser/callback`],
      frontchannelLogout: false,
    },
  );
