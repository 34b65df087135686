import { hash, type KeyObject } from 'node:crypto';

// RFC 7638 section 3.2: the required members of the key's type, in the order of their names.
const required = ['crv', 'e', 'kty', 'n', 'x', 'y'] as const;

/** The SHA-256 thumbprint of a public key (RFC 7638), in base64url: the same key has the same name everywhere. */
export function thumbprintOf(publicKey: KeyObject): string {
  const jwk = publicKey.export({ format: 'jwk' });
  const members = required.filter((name) => Object.hasOwn(jwk, name)).map((name) => [name, jwk[name]] as const);
  return hash('sha256', JSON.stringify(Object.fromEntries(members)), 'base64url');
}
