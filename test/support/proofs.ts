import { createHash } from 'node:crypto';
import { base64url, signRaw, type TestKey } from './tokens.ts';

/** The thumbprint of a key's public half (RFC 7638), computed by hand: the library under test does not judge itself. */
export function thumbprintOf({ publicKey }: TestKey): string {
  const { kty, crv, x, y, n, e } = publicKey.export({ format: 'jwk' });
  const members = { crv, e, kty, n, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** The ath of a token (RFC 9449 section 4.2). */
export const athOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** The public members of a key alone. */
export const publicJwkOf = ({ publicKey }: TestKey): object => publicKey.export({ format: 'jwk' });

/** What differs from a sound proof; undefined members are left out. */
interface ProofSketch {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A DPoP proof (RFC 9449 section 4.2), signed as it is written, however wrong. */
export function makeProof(key: TestKey, { header, claims }: ProofSketch): string {
  return signRaw(
    key,
    JSON.stringify({ typ: 'dpop+jwt', alg: key.alg, jwk: publicJwkOf(key), ...header }),
    JSON.stringify({ jti: base64url(crypto.getRandomValues(new Uint8Array(12))), ...claims }),
  );
}
