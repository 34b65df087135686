import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who an administrator is, or what is wrong with the proof. */
type TokenCheck = 'good' | 'unset' | 'missing' | 'wrong';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Holds the bearer token of a request (RFC 6750 section 2.1) against the one that is configured. Hashes are compared, in
 * constant time: neither the place of the first difference nor the length shows.
 */
export function checkToken(request: IncomingMessage, token: string | undefined): TokenCheck {
  if (token === undefined) return 'unset';
  const [value = '', ...others] = request.headersDistinct['authorization'] ?? [];
  const presented = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(value)?.[1];
  if (presented === undefined || others.length > 0) return 'missing';
  return timingSafeEqual(digest(presented), digest(token)) ? 'good' : 'wrong';
}
