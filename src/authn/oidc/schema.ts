import type { JsonSchema } from '../../core/build.ts';
import { outboundSchema } from '../../outbound/options.ts';
import { algorithmNames } from '../algorithms.ts';
import { clientSchema } from '../provider-side/client/schema.ts';
import { roleSchemas } from '../role-mapping.ts';
import { durationSchema, textSchema, textsSchema } from '../schema.ts';
import { requiredClaimsSchema } from '../token/required-claims.ts';

const object = (
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  description,
  properties,
  ...(required.length > 0 && { required }),
});

/** What holds where the config says nothing. */
export const defaults = Object.freeze({
  timeout: '2s',
  clockSkew: '30s',
  // What certified providers sign with: each hashes with SHA-2 and is asymmetric.
  algorithms: algorithmNames,
  idle: '30m',
  absolute: '12h',
  refreshBefore: '1m',
  loginTimeout: '10m',
  parallel: 5,
  maxSessions: 20_000,
  maxBytes: '64MiB',
} as const);

const session = object(
  'The session that a login begins. Required.',
  {
    store: {
      enum: ['cookie', 'shared'],
      description:
        'cookie: all of it stands in the encrypted cookie. shared: the cookie names it, and redis keeps it, encrypted too. Default cookie.',
    },
    keys_files: textsSchema(
      'Files with the keys of cookies and sessions, each at least 32 random bytes in base64 (openssl rand -base64 32). The ' +
        'first encrypts, all decrypt: put a new one in front, and take the old one away once `absolute` has passed. Required.',
      { minItems: 1, maxItems: 8 },
    ),
    cookie: textSchema(
      'The name of the cookie, which begins with __Host-. Default __Host-portcullis- and the identity.',
      {
        maxLength: 64,
      },
    ),
    same_site: {
      enum: ['lax', 'strict'],
      description:
        'Whether the session comes along when a link on another site leads to us (lax) or not (strict). Default lax.',
    },
    idle: durationSchema(`A session ends when nothing was asked for so long, 1m to 30d. Default ${defaults.idle}.`),
    absolute: durationSchema(
      `A session ends so long after its login, whatever is asked, 1m to 90d. Default ${defaults.absolute}.`,
    ),
    refresh_before: durationSchema(
      `Tokens are renewed when they would end within this time, or in the last fifth of a shorter life. Default ${defaults.refreshBefore}.`,
    ),
    cache: object('Bounds of the memory of sessions whose cookie has been opened.', {
      max_sessions: {
        type: 'integer',
        minimum: 1,
        maximum: 10_000_000,
        description: `So many sessions are remembered. Default ${defaults.maxSessions}.`,
      },
      max_bytes: {
        type: 'string',
        format: 'bytes',
        description: `So much memory they may take, as it is estimated from their length. Default ${defaults.maxBytes}.`,
      },
    }),
  },
  ['keys_files'],
);

const login = object('How people are sent to the provider.', {
  timeout: durationSchema(`How long a login may take. Default ${defaults.loginTimeout}.`),
  parallel: {
    type: 'integer',
    minimum: 1,
    maximum: 20,
    description: `Logins that may be under way in one browser; beyond them the oldest is dropped. Default ${defaults.parallel}.`,
  },
  landing: textSchema('The path to go to after a login that has no page to return to. Default /.'),
  parameters: {
    type: 'object',
    additionalProperties: { type: 'string', minLength: 1 },
    description:
      'Parameters for the provider’s login page besides those of the protocol, like prompt or ui_locales. Default none.',
  },
});

const logout = object('What becomes of a logout.', {
  after: textSchema('The path to go to after a logout; the provider must know this URL. Default /.'),
  rp_initiated: {
    type: 'boolean',
    description: 'Whether a logout here goes on to the provider’s, where it has one. Default true.',
  },
});

/** The options of an oidc identity. */
export const oidcSchema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  description: 'Logins in the browser: OpenID Connect with the authorization code flow and PKCE, and a session cookie.',
  required: ['issuer', 'client', 'public_url', 'session'],
  properties: {
    issuer: textSchema('The exact name of the provider; its metadata is found below it. Required.'),
    client: clientSchema,
    public_url: textSchema(
      'The origin at which browsers reach us, like https://app.example.com: sessions, return addresses and the redirect ' +
        'URI <public_url>/.portcullis/<identity>/callback belong to it. Plain http is for loopback. Required.',
    ),
    scopes: textsSchema('The scopes to ask for; openid is one of them. Default openid alone.', { minItems: 1 }),
    algorithms: textsSchema(
      `The algorithms that ID tokens and logout tokens may be signed with. Default ${defaults.algorithms.join(', ')}.`,
      { minItems: 1, items: { type: 'string', examples: algorithmNames } },
    ),
    claims_from: {
      enum: ['id_token', 'userinfo', 'access_token'],
      description:
        'Where roles and all other claims come from; id_token, the userinfo endpoint, or an access token that is a JWT. Default id_token.',
    },
    audience: textsSchema('What the access token must be for, where claims are taken from it. Required there.', {
      minItems: 1,
    }),
    ...roleSchemas,
    scope_claim: textSchema('The claim that holds scopes. Default scope; without it, the scopes that were granted.'),
    required_claims: requiredClaimsSchema,
    clock_skew: durationSchema(
      `How far clocks may differ in the times of tokens; at most 10m. Default ${defaults.clockSkew}.`,
    ),
    session,
    login,
    logout,
    ...outboundSchema(defaults.timeout),
  },
});
