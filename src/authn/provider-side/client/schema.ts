import type { JsonSchema } from '../../../core/build.ts';
import { algorithmNames } from '../../algorithms.ts';
import { textSchema, textsSchema } from '../../schema.ts';

/** The methods that send a secret, and so may be chosen between. */
export const secretMethods = Object.freeze(['client_secret_basic', 'client_secret_post'] as const);

/** The `client:` of an identity. */
export const clientSchema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  description:
    'Who we are at the provider, and how we prove it: with a secret, a private key or a certificate, exactly one of them.',
  required: ['id'],
  properties: {
    id: textSchema('Our client_id.', { maxLength: 512 }),
    secret: textSchema('The client secret, best from an environment variable.'),
    secret_file: textSchema(
      'A file that holds the client secret and nothing else; a line break at its end does not count.',
    ),
    auth_method: {
      type: 'string',
      enum: secretMethods,
      description: `How the secret is sent: ${secretMethods.join(' or ')}. Default client_secret_basic.`,
    },
    private_key_file: textSchema(
      'A private key in PEM, for private_key_jwt (RFC 7523): EC (P-256, P-384, P-521), Ed25519 or RSA from 2048 bits. ' +
        'The public half is published in /.portcullis/jwks.json.',
    ),
    published_key_files: textsSchema(
      'Private keys that are published beside private_key_file and sign nothing: the next one before its first use, the last ' +
        'one after it. Default: none.',
      { maxItems: 8 },
    ),
    alg: textSchema(
      'The algorithm of our assertions. Default RS256, ES256, ES384, ES512 or EdDSA, as the key has it.',
      {
        examples: algorithmNames,
      },
    ),
    kid: textSchema('The key id of our assertions. Default: the RFC 7638 thumbprint of the key.', { maxLength: 512 }),
    cert_file: textSchema(
      'A client certificate in PEM, with its chain, for tls_client_auth (RFC 8705); needs key_file.',
    ),
    key_file: textSchema('The private key of cert_file, in PEM.'),
  },
});
