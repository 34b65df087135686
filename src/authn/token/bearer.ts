import type { HeaderMap } from '../../core/attributes.ts';

/** What stands in the Authorization header (RFC 6750 section 2.1), before anything is decoded. */
type PresentedBearer =
  | { readonly kind: 'absent' }
  /** More than one header or more than one credential in it. */
  | { readonly kind: 'ambiguous' }
  /** A credential of another scheme. */
  | { readonly kind: 'other_scheme' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'token'; readonly scheme: TokenScheme; readonly token: string };

/** How a token is presented: by whoever holds it (RFC 6750), or with a proof of possession (RFC 9449 section 7.1). */
export type TokenScheme = 'bearer' | 'dpop';

/** A token may have so many characters. */
export const maxTokenLength = 16 * 1024;

/** The scheme of those who take no proofs. */
export const bearerOnly: ReadonlySet<TokenScheme> = new Set(['bearer']);

const known: ReadonlyMap<string, TokenScheme> = new Map([
  ['bearer', 'bearer'],
  ['dpop', 'dpop'],
]);
const [tab, blank, comma] = [0x09, 0x20, 0x2c];
const longestScheme = 'bearer'.length;
// A comma, then a scheme and something after it: a second credential. Parameters of one scheme have a "=" there.
const second = /,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]+[^ \t=]/;

/** Where the scheme ends; -1 when it is longer than those that we know, or stands alone. */
function endOfScheme(value: string): number {
  for (let at = 0; at <= longestScheme; at += 1) {
    const code = value.charCodeAt(at);
    if (code === blank || code === tab || code === comma) return at;
  }
  return -1;
}

/** Whether there is an Authorization header at all, of whatever scheme. */
export const hasAuthorization = (headers: HeaderMap): boolean => (headers.get('authorization')?.length ?? 0) > 0;

/** Reads a token of the given schemes. The proxy joins repeated headers by commas, and no token holds one. */
export function readBearer(headers: HeaderMap, schemes = bearerOnly): PresentedBearer {
  const values = headers.get('authorization');
  if (values === undefined || values.length === 0) return { kind: 'absent' };
  const [value = ''] = values;
  if (values.length > 1) return { kind: 'ambiguous' };
  if (value.length > longestScheme + 1 + maxTokenLength) return { kind: 'malformed' };
  const end = endOfScheme(value);
  const scheme = known.get((end < 0 ? value : value.slice(0, end)).toLowerCase());
  if (scheme === undefined || !schemes.has(scheme)) return { kind: second.test(value) ? 'ambiguous' : 'other_scheme' };
  if (end >= 0 && value.includes(',', end)) return { kind: 'ambiguous' };
  let start = end < 0 ? value.length : end;
  while (value.charCodeAt(start) === blank) start += 1;
  const token = value.slice(start);
  const whole = start > end && token !== '' && !token.includes(' ') && !token.includes('\t');
  return whole ? { kind: 'token', scheme, token } : { kind: 'malformed' };
}
