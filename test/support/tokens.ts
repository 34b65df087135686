import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key pair of a test's issuer. */
export interface TestKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The public JWK, with kid, alg and use. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

function makePair(alg: string): { privateKey: KeyObject; publicKey: KeyObject } {
  const namedCurve = curves[alg];
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve });
  return /^Ed/.test(alg) ? generateKeyPairSync('ed25519') : generateKeyPairSync('rsa', { modulusLength: 2048 });
}

/** Makes a key pair for an algorithm. */
export function makeKey(alg: string, kid: string = `key-${alg}`): TestKey {
  const pair = makePair(alg);
  return { alg, kid, ...pair, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } };
}

/** A JWK set of the keys' public halves. */
export const jwksOf = (...keys: readonly TestKey[]): { readonly keys: readonly object[] } => ({
  keys: keys.map(({ jwk }) => jwk),
});

/** The signature over a text, by node:crypto alone: the library under test does not judge itself. */
export function signText({ privateKey }: Pick<TestKey, 'privateKey'>, alg: string, text: string): Buffer {
  const hash = /^Ed/.test(alg) ? null : `sha${alg.slice(2)}`;
  const pss = alg.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {};
  return sign(hash, Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363', ...pss });
}

/** Text or bytes in base64url. */
export const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');

/** A token whose header and claims are signed exactly as they are written, however wrong. */
export function signRaw(key: TestKey, header: string | Uint8Array, claims: string | Uint8Array): string {
  const input = `${base64url(header)}.${base64url(claims)}`;
  return `${input}.${base64url(signText(key, key.alg, input))}`;
}

/** A token with these claims; header members are added or, when undefined, left out. */
export function signToken(
  key: TestKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string {
  return signRaw(key, JSON.stringify({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header }), JSON.stringify(claims));
}
