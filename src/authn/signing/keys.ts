import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { SourceFile } from '../../core/build.ts';
import type { JsonObject } from '../../core/json.ts';
import type { AlgorithmName } from '../algorithms.ts';
import { thumbprintOf } from '../provider-side/key-sets/thumbprint.ts';

/** A private key of ours, the one algorithm that it signs with, and what is published of it. */
interface SigningKey {
  readonly key: KeyObject;
  readonly alg: AlgorithmName;
  /** The RFC 7638 thumbprint: the same key has the same name on every replica. */
  readonly kid: string;
  /** The public JWK (RFC 7517), with kid, use and alg. */
  readonly publicJwk: JsonObject;
}

const curves: ReadonlyMap<string | undefined, AlgorithmName> = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
]);
const leastModulusBits = 2048;

/** Reads a private key in PEM (PKCS #8, SEC 1 or PKCS #1, not encrypted); an issue in the file says what is wrong with it. */
export function readSigningKey(file: SourceFile): SigningKey | undefined {
  const key = parseKey(file.text);
  if (key === undefined) {
    file.issue([], 'holds no private key in PEM that can be read without a passphrase');
    return undefined;
  }
  const alg = algorithmOf(key);
  if (alg === undefined) {
    file.issue([], 'must be an EC key on P-256, P-384 or P-521, an Ed25519 key, or an RSA key of at least 2048 bits');
    return undefined;
  }
  const publicKey = createPublicKey(key);
  const members = publicKey.export({ format: 'jwk' }) as JsonObject; // a JWK of texts, by its format
  const kid = thumbprintOf(publicKey);
  return { key, alg, kid, publicJwk: Object.freeze({ ...members, kid, use: 'sig', alg }) };
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): AlgorithmName | undefined {
  switch (asymmetricKeyType) {
    case 'ec':
      return curves.get(asymmetricKeyDetails.namedCurve);
    case 'ed25519':
      return 'EdDSA';
    case 'rsa':
      return (asymmetricKeyDetails.modulusLength ?? 0) >= leastModulusBits ? 'RS256' : undefined;
    default:
      return undefined;
  }
}
