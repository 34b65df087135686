import type { KeyObject } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import type { TokenAlgorithm } from '../algorithms.ts';
import type { KeyLookup } from '../provider-side/key-sets/key-set.ts';

/** Whether the signature of a compact JWS holds under a key with this very algorithm. Rejects when the key is unfit for it. */
export async function signatureHolds(token: string, key: KeyObject, alg: TokenAlgorithm): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [alg] });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}

/** The key under which the signature holds, of those that may be meant; undefined when there is none. Rejects likewise. */
export async function keyThatHolds(
  token: string,
  { key, former }: Extract<KeyLookup, { readonly kind: 'found' }>,
  alg: TokenAlgorithm,
): Promise<KeyObject | undefined> {
  if (await signatureHolds(token, key, alg)) return key;
  return former !== undefined && (await signatureHolds(token, former, alg)) ? former : undefined;
}
