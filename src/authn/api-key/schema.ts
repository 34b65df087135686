import type { JsonSchema } from '../../core/build.ts';

const name = (description: string): JsonSchema => ({ type: 'string', minLength: 1, description });

/** The options of an identity whose credentials are API keys. */
export const apiKeySchema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  description: 'API keys, of which only hashes are kept: one place to look for them, and one store.',
  properties: {
    header: name('The header that carries the key, where no other place is named. Default x-api-key.'),
    bearer: {
      const: true,
      description: 'The key is a bearer token (Authorization: Bearer pck_…). Default: another place.',
    },
    query: name(
      'The query parameter that carries the key; it stands in the logs of whoever is on the way. Default: another place.',
    ),
    cookie: name(
      'The cookie that carries the key; a browser must not send it for a page of another origin to change something. Default: another place.',
    ),
    keys_file: name(
      'A file with hashes, owners, roles, scopes, plans and expiry dates: YAML or JSON, or an entry a line in a file named .ndjson; made with `portcullis key new`. Required, or `store`.',
    ),
    store: {
      enum: ['shared'],
      description:
        'The keys are in Redis, under the identity’s name, put there with `portcullis key new`. Required, or `keys_file`.',
    },
    stale_if_error: {
      type: 'string',
      format: 'duration',
      description:
        'With `store`: how long a key that was good counts as good while Redis is away, at most 1h. Default: 0s.',
    },
  },
});
