import { type ClientAuth, modifyAssertion, PrivateKeyJwt } from 'openid-client';
import type { BuildContext } from '../../../core/build.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { Reader } from '../../../core/options.ts';
import { type AlgorithmName, isAlgorithm } from '../../algorithms.ts';
import { readSigningKey } from '../../signing/keys.ts';

/** How we prove who we are with a private key, and what the provider checks that with. */
interface PrivateKeyMethod {
  readonly auth: ClientAuth;
  readonly publicJwk: JsonObject;
  /** What is published: the key that signs, and those that do not yet, or no more. */
  readonly publishedKeys: readonly JsonObject[];
}

const rsaAlgorithms: readonly AlgorithmName[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const edwardsAlgorithms: readonly AlgorithmName[] = ['EdDSA', 'Ed25519'];

/** Reads `private_key_file` and what goes with it; undefined, with issues, where they are no method (RFC 7523 section 2.2). */
export function readPrivateKey(reader: Reader, context: BuildContext): PrivateKeyMethod | undefined {
  const name = reader.text('private_key_file', '');
  const file = name === '' ? undefined : context.at('private_key_file').file(name);
  const signing = file && readSigningKey(file);
  if (signing === undefined) return undefined;
  const alg = reader.text('alg', signing.alg);
  const able = algorithmsLike(signing.alg);
  if (!isAlgorithm(alg) || !able.includes(alg)) {
    context.issue(['alg'], `must be one that the key can sign with: ${able.join(', ')}`);
    return undefined;
  }
  const kid = reader.text('kid', signing.kid);
  const key = signing.key.toCryptoKey(importParameters(alg), false, ['sign']);
  const auth = PrivateKeyJwt(
    { key, kid },
    {
      [modifyAssertion]: (header) => {
        // The library has one name for each key; a provider may know the other one of Ed25519 alone.
        header['alg'] = alg;
      },
    },
  );
  const publicJwk = Object.freeze({ ...signing.publicJwk, alg, kid });
  return { auth, publicJwk, publishedKeys: [publicJwk, ...readOthers(reader, context, kid)] };
}

function readOthers(reader: Reader, context: BuildContext, kid: string): readonly JsonObject[] {
  const kids = new Set([kid]);
  return reader.texts('published_key_files', []).flatMap((name, index) => {
    const at = context.at('published_key_files', index);
    const file = at.file(name);
    const key = file && readSigningKey(file);
    if (key === undefined) return [];
    if (kids.has(key.kid)) at.issue([], 'holds a key that is published already');
    kids.add(key.kid);
    return [key.publicJwk];
  });
}

/** The algorithms of keys whose first one this is. */
function algorithmsLike(alg: AlgorithmName): readonly AlgorithmName[] {
  if (rsaAlgorithms.includes(alg)) return rsaAlgorithms;
  return edwardsAlgorithms.includes(alg) ? edwardsAlgorithms : [alg];
}

/** What WebCrypto wants to know of a key for an algorithm. */
function importParameters(alg: AlgorithmName) {
  const hash = `SHA-${alg.slice(2)}`;
  switch (alg.slice(0, 2)) {
    case 'RS':
      return { name: 'RSASSA-PKCS1-v1_5', hash };
    case 'PS':
      return { name: 'RSA-PSS', hash };
    case 'ES':
      return { name: 'ECDSA', namedCurve: alg === 'ES512' ? 'P-521' : `P-${alg.slice(2)}` };
    default:
      return { name: 'Ed25519' };
  }
}
