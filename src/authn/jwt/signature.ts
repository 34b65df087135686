import type { KeyObject } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import type { TokenAlgorithm } from '../algorithms.ts';

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
