import type { HeaderMap } from '../core/attributes.ts';

/** What stands in the Authorization header (RFC 6750 section 2.1), before anything is decoded. */
type PresentedBearer =
  | { readonly kind: 'absent' }
  /** More than one header or more than one credential in it. */
  | { readonly kind: 'ambiguous' }
  /** A credential of another scheme. */
  | { readonly kind: 'other_scheme' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'token'; readonly token: string };

/** A token may have so many characters. */
export const maxTokenLength = 16 * 1024;

const scheme = 'bearer';
// A comma, then a scheme and something after it: a second credential. Parameters of one scheme have a "=" there.
const second = /,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]+[^ \t=]/;

/** Reads the Authorization header. The proxy joins repeated headers by commas, and no bearer token holds one. */
export function readBearer(headers: HeaderMap): PresentedBearer {
  const values = headers.get('authorization');
  if (values === undefined || values.length === 0) return { kind: 'absent' };
  const [value = ''] = values;
  if (values.length > 1) return { kind: 'ambiguous' };
  if (value.length > scheme.length + 1 + maxTokenLength) return { kind: 'malformed' };
  const name = /^[^ \t,]*/.exec(value)?.[0] ?? '';
  const rest = value.slice(name.length);
  if (name.toLowerCase() !== scheme) return { kind: second.test(value) ? 'ambiguous' : 'other_scheme' };
  if (rest.includes(',')) return { kind: 'ambiguous' };
  const token = /^ +([^ \t]+)$/.exec(rest)?.[1];
  return token === undefined ? { kind: 'malformed' } : { kind: 'token', token };
}
