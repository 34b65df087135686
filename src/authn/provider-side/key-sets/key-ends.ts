import { X509Certificate } from 'node:crypto';
import { isObject, own } from '../../../core/json.ts';

/** When the last of these JWKs ends, in milliseconds since the epoch: by its certificate (x5c, RFC 7517 section 4.7), or by a member exp in seconds. Undefined where one does not say. */
export function lastEndMs(jwks: readonly unknown[]): number | undefined {
  const ends = jwks.map(endMs);
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 || known.length < ends.length ? undefined : Math.max(...known);
}

function endMs(jwk: unknown): number | undefined {
  if (!isObject(jwk)) return undefined;
  const exp = own(jwk, 'exp');
  if (typeof exp === 'number' && Number.isFinite(exp)) return exp * 1000;
  const chain = own(jwk, 'x5c');
  const first: unknown = Array.isArray(chain) ? chain[0] : undefined;
  if (typeof first !== 'string') return undefined;
  try {
    return new X509Certificate(Buffer.from(first, 'base64')).validToDate.getTime();
  } catch {
    // What it says of its end verifies nothing, so that a certificate that cannot be read is one that says nothing.
    return undefined;
  }
}
