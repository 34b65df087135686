import type { HeaderMap } from './attributes.ts';
import { isHeaderValue } from './header-value.ts';

/** The cookie pairs of Cookie headers (RFC 6265 section 4.2), as they were sent and in their order. */
function pairs(headers: readonly string[]): readonly string[] {
  return headers.flatMap((header) => header.split(';')).map((pair) => pair.trim());
}

const nameOf = (pair: string): string => {
  const equals = pair.indexOf('=');
  // Without an equals sign there is no name: servers differ on what it is, and none takes it for a named cookie.
  return equals < 0 ? '' : pair.slice(0, equals).trim();
};

/** The cookies of a request: every value that is sent under a name, in their order. */
type Cookies = ReadonlyMap<string, readonly string[]>;

const read = new WeakMap<HeaderMap, Cookies>();
const none: Cookies = new Map();

/**
 * The named cookies of a request, read once however many look for theirs: anybody can send long headers. More than one value
 * under a name is for the reader to refuse. Quotes around a value are kept.
 */
export function cookiesOf(headers: HeaderMap): Cookies {
  const sent = headers.get('cookie');
  if (sent === undefined) return none;
  const known = read.get(headers);
  if (known !== undefined) return known;
  const cookies = new Map<string, string[]>();
  for (const pair of sent.flatMap((header) => header.split(';'))) {
    const name = nameOf(pair);
    if (name === '') continue;
    const value = pair.slice(pair.indexOf('=') + 1).trim();
    const values = cookies.get(name);
    if (values === undefined) cookies.set(name, [value]);
    else values.push(value);
  }
  read.set(headers, cookies);
  return cookies;
}

/**
 * The Cookie header that is left when some cookies are taken out; empty when none is left. What cannot be sent on as it is
 * goes too, for sites beside us can plant such a cookie, and it must not stop the others.
 */
export const withoutCookies = (headers: HeaderMap, out: (name: string) => boolean): string =>
  pairs(headers.get('cookie') ?? [])
    .filter((pair) => pair !== '' && isHeaderValue(pair) && !out(nameOf(pair)))
    .join('; ');
