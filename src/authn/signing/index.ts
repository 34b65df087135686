import { SignJWT } from 'jose';
import type { BuildContext, JsonSchema } from '../../core/build.ts';
import type { JsonObject } from '../../core/json.ts';
import { readSigningKey } from './keys.ts';

/** The config key `signing` as users write it. */
export interface SigningOptions {
  readonly issuer: string;
  readonly key_files: readonly string[];
}

/** What signs tokens of our own. */
export interface Signing {
  /** The iss of every token. */
  readonly issuer: string;
  /** A compact JWS over these claims by the first key. */
  sign(claims: JsonObject): Promise<string>;
  /** Every key, as public JWKs: those that sign no more, or not yet, too. */
  readonly publishedKeys: readonly JsonObject[];
}

/** The schema of the config key `signing`. */
export const signingSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'Keys of our own, for the identity tokens that rules hand to upstreams. Default: none.',
  additionalProperties: false,
  required: ['issuer', 'key_files'],
  properties: {
    issuer: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      description: 'The iss of the tokens: a name of this gateway that upstreams check, best its URL. Required.',
    },
    key_files: {
      type: 'array',
      minItems: 1,
      maxItems: 8,
      uniqueItems: true,
      items: { type: 'string', minLength: 1 },
      description:
        'Private keys in PEM: EC (P-256, P-384, P-521), Ed25519 or RSA from 2048 bits. The first one signs, all are ' +
        'published in /.portcullis/jwks.json. To rotate, put the new key second, put it first once upstreams have ' +
        'fetched it, and take the old one out once its last token has expired. Required.',
    },
  },
});

/** Stands for a `signing` with issues, so that rules are not told that there is none. It never signs: its plan is thrown away. */
const unread: Signing = Object.freeze({
  issuer: '',
  sign: async () => {
    throw new TypeError('there is no key to sign with');
  },
  publishedKeys: [],
});

/** Reads the keys of `signing`, which is null where its shape is bad; undefined without it. Keys that cannot be read are issues. */
export function buildSigning(options: SigningOptions | null | undefined, context: BuildContext): Signing | undefined {
  if (options === undefined) return undefined;
  if (options === null) return unread;
  const { issuer, key_files: files } = options;
  if (!/^[\x21-\x7e]+$/.test(issuer)) context.issue(['issuer'], 'must be visible ASCII without blanks');
  const keys = files.flatMap((name, index) => {
    const file = context.at('key_files', index).file(name);
    const key = file === undefined ? undefined : readSigningKey(file);
    return key === undefined ? [] : [{ ...key, index }];
  });
  const twin = keys.find(({ kid }, index) => keys.findIndex((other) => other.kid === kid) !== index);
  if (twin !== undefined) context.issue(['key_files', twin.index], 'holds the key of an earlier file');
  const [first] = keys;
  if (first === undefined) return unread;
  const header = { alg: first.alg, kid: first.kid, typ: 'JWT' };
  return {
    issuer,
    sign: (claims) => new SignJWT(claims).setProtectedHeader(header).sign(first.key),
    publishedKeys: Object.freeze(keys.map(({ publicJwk }) => publicJwk)),
  };
}
