import type { JsonSchema } from '../../core/build.ts';
import { outboundSchema } from '../../outbound/options.ts';
import { algorithmNames } from '../algorithms.ts';
import { jwksSchema } from '../jwt/schema.ts';
import { dpopSchema } from '../possession/options.ts';
import { clientSchema } from '../provider-side/client/schema.ts';
import { roleSchemas } from '../role-mapping.ts';
import { durationSchema, textSchema, textsSchema } from '../schema.ts';
import { requiredClaimsSchema } from '../token/required-claims.ts';

const cache: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'How long answers are remembered. Default: as its options say.',
  properties: {
    active: durationSchema(
      'An active token is not asked for again in this time, nor beyond its exp: so long a revocation at the provider may stay ' +
        'unseen. 0s: every request asks. Default 30s.',
    ),
    inactive: durationSchema('A token that is not active is not asked for again in this time. Default 5s.'),
    max_tokens: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: 'So many active and so many inactive tokens are remembered at most. Default 20000.',
    },
    max_bytes: {
      type: 'string',
      format: 'bytes',
      description: 'So much memory active tokens may take, as it is estimated from their answers. Default 64MiB.',
    },
  },
};

const signed: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description:
    'Ask for signed answers (RFC 9701), which prove what the provider said; needs issuer. Default: plain JSON.',
  required: ['algorithms'],
  properties: {
    algorithms: textsSchema(`The signature algorithms that are accepted, of ${algorithmNames.join(', ')}.`, {
      minItems: 1,
      items: { type: 'string', examples: algorithmNames },
    }),
    required: { type: 'boolean', description: 'Whether plain JSON is refused as an answer. Default true.' },
    jwks: {
      ...jwksSchema,
      description: 'Where the provider’s keys are: exactly one of url, file, inline and discovery. Default discovery.',
    },
  },
};

/** The options of an introspection identity. */
export const introspectionSchema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  description: 'Bearer tokens that only their provider can read: it is asked what they are (RFC 7662).',
  required: ['client', 'audience'],
  properties: {
    issuer: textSchema(
      'The provider: the value that iss must have where an answer holds one, and whose metadata names the endpoint. ' +
        'Default: none, and then url is needed.',
    ),
    url: textSchema('The introspection endpoint. Default: the one that the metadata of the issuer names.'),
    client: clientSchema,
    audience: {
      ...textsSchema(
        'Who we are: aud must hold one of these. "any": the provider alone decides whom it calls a token active for, and aud ' +
          'is not looked at. There is no default.',
        { minItems: 1 },
      ),
      type: ['array', 'string'],
      pattern: '^any$',
      patternErrorMessage: 'must be a list of at least one audience, or any',
    },
    ...roleSchemas,
    scope_claim: textSchema('The member that holds scopes, by blanks or as a list. Default scope.'),
    clock_skew: durationSchema('How far clocks may differ in exp, nbf and iat; at most 10m. Default 30s.'),
    max_age: durationSchema('Refuse tokens whose iat is older than this. Default: any age until exp.'),
    required_claims: {
      ...requiredClaimsSchema,
      description: 'Members that an answer must hold besides active, as in required_claims of jwt. Default none.',
    },
    cache,
    stale_if_error: durationSchema(
      'How much longer than cache.active a token that was active is taken while the provider cannot be asked, never beyond ' +
        'its exp; at most 1h. Default 0s.',
    ),
    signed,
    dpop: dpopSchema,
    ...outboundSchema('2s'),
  },
});
