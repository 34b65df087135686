import type { JsonSchema } from '../../core/build.ts';
import { outboundSchema } from '../../outbound/options.ts';
import { algorithmNames, hmacAlgorithms } from '../algorithms.ts';
import { dpopSchema } from '../possession/options.ts';
import { roleSchemas } from '../role-mapping.ts';
import { durationSchema, textSchema, textsSchema } from '../schema.ts';
import { profiles } from '../token/profile.ts';
import { requiredClaimsSchema } from '../token/required-claims.ts';
import { secretSchemas } from './secret.ts';

/** The option that readKeySource reads. */
export const jwksSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Where the public keys are: exactly one of url, file, inline and discovery.',
  properties: {
    url: textSchema('The https URL of a JWK set; plain http is for loopback addresses.'),
    file: textSchema('A file with a JWK set, read at load.'),
    inline: {
      type: 'object',
      description: 'A JWK set written here.',
      required: ['keys'],
      properties: { keys: { type: 'array', items: { type: 'object' }, description: 'Public keys (RFC 7517).' } },
    },
    discovery: {
      const: true,
      description: "Take the URL from the issuer's own metadata: OpenID Connect Discovery, else RFC 8414.",
    },
    refresh: durationSchema('Keys from a URL are renewed before they are this old. Default 5m.'),
    stale_if_error: durationSchema('How much longer keys are used while they cannot be renewed. Default 24h.'),
    unknown_kid_cooldown: durationSchema('Unknown key ids cause at most one fetch in this time. Default 30s.'),
    ...outboundSchema('2s'),
  },
};

/** The options of a jwt identity. */
export const jwtSchema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  description: 'Bearer tokens that are signed JWTs (RFC 6750, RFC 7519, RFC 9068).',
  required: ['issuer', 'audience', 'algorithms'],
  properties: {
    issuer: textSchema('The exact value that iss must have.'),
    audience: textsSchema(
      'Who we are: aud must hold one of these. There is no default, for a token for others is not for us.',
      {
        minItems: 1,
      },
    ),
    // Any text, so that a refused algorithm gets the message that says why.
    algorithms: textsSchema(
      `The signature algorithms that are accepted, of ${algorithmNames.join(', ')}, or with a secret of ` +
        `${Object.keys(hmacAlgorithms).join(', ')}. There is no default.`,
      {
        minItems: 1,
        items: { type: 'string', examples: algorithmNames },
      },
    ),
    jwks: jwksSchema,
    ...secretSchemas,
    ...roleSchemas,
    scope_claim: textSchema('The claim that holds scopes, by blanks or as a list. Default scope.'),
    clock_skew: durationSchema('How far clocks may differ in exp, nbf and iat; at most 10m. Default 30s.'),
    typ: textsSchema(
      'The values of the header member typ that are accepted, spelt exactly so; "" stands for a token without it. ' +
        'Default at+jwt, application/at+jwt, JWT and "". Whatever stands here, a token that does not say at+jwt and bears ' +
        'the marks of an ID, refresh or logout token is refused; other profiles have their own.',
      { minItems: 1, items: { type: 'string' } },
    ),
    max_age: durationSchema('Refuse tokens whose iat is older than this. Default: any age until exp.'),
    required_claims: requiredClaimsSchema,
    dpop: dpopSchema,
    profile: {
      enum: Object.keys(profiles),
      description:
        'What tokens must be: access_token, of any shape and with no mark of another kind; rfc9068, with typ at+jwt and ' +
        'every claim of RFC 9068; id_token, for callers that show ID tokens. Default access_token.',
    },
    cache: {
      type: 'object',
      additionalProperties: false,
      description: 'Bounds of the memory of tokens whose signature held.',
      properties: {
        max_tokens: {
          type: 'integer',
          minimum: 0,
          maximum: 10_000_000,
          description: 'So many tokens are remembered; 0: none. Default 20000.',
        },
        max_bytes: {
          type: 'string',
          format: 'bytes',
          description: 'So much memory they may take, as it is estimated from their length. Default 64MiB.',
        },
      },
    },
  },
});
