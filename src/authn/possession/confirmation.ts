import { isObject, own } from '../../core/json.ts';
import type { Claims } from '../../core/principal.ts';

/** What a token is bound to (RFC 7800): a key (RFC 9449 section 6), a certificate (RFC 8705 section 3.1), or both. */
interface Confirmation {
  /** The SHA-256 thumbprint of the key (RFC 7638), in base64url. */
  readonly jkt: string | undefined;
  /** The SHA-256 thumbprint of the certificate, in base64url. */
  readonly x5t: string | undefined;
}

const digest = /^[A-Za-z0-9_-]{43}$/;
const isDigest = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && digest.test(value));

/** What the token is bound to; unbound when it is to nothing, unknown when it is to something that nobody here can confirm. */
export function readConfirmation(claims: Claims): Confirmation | 'unbound' | 'unknown' {
  const cnf = own(claims, 'cnf');
  if (cnf === undefined) return 'unbound';
  if (!isObject(cnf)) return 'unknown';
  const [jkt, x5t] = [own(cnf, 'jkt'), own(cnf, 'x5t#S256')];
  if (!isDigest(jkt) || !isDigest(x5t)) return 'unknown';
  return jkt === undefined && x5t === undefined ? 'unknown' : { jkt, x5t };
}
