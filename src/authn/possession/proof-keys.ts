import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Json } from '../../core/json.ts';
import type { AlgorithmName } from '../algorithms.ts';
import { loadKeys } from '../provider-side/key-sets/jwk.ts';
import { thumbprintOf } from '../provider-side/key-sets/thumbprint.ts';

/** The public key of a proof. */
interface ProofKey {
  readonly key: KeyObject;
  /** Its SHA-256 thumbprint (RFC 7638) in base64url. */
  readonly thumbprint: string;
}

/** Reads the key in the header of a proof by the rules of key sets; or a word that says why it is none. */
export type ReadProofKey = (jwk: Json | undefined, alg: AlgorithmName) => ProofKey | string;

const maxKeys = 2000;
const maxLength = 4096;

/** Opens a reader that remembers good keys: a client signs many proofs with one. */
export function openProofKeys(): ReadProofKey {
  const known = new LRUCache<string, ProofKey>({ max: maxKeys });
  return (jwk, alg) => {
    const name = `${alg} ${JSON.stringify(jwk)}`;
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const loaded = loadKeys({ keys: [jwk] });
    if (!loaded.ok) return `jwk_${loaded.leftOut[0]?.fault ?? 'invalid'}`;
    const found = loaded.keys.find(undefined, alg);
    if (found.kind !== 'found') return 'jwk_alg';
    const { key } = found;
    const read = { key, thumbprint: thumbprintOf(key) };
    if (name.length <= maxLength) known.set(name, read);
    return read;
  };
}
