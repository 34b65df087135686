/** The cookie pairs of Cookie headers (RFC 6265 section 4.2), as they were sent and in their order. */
function pairs(headers: readonly string[]): readonly string[] {
  return headers.flatMap((header) => header.split(';')).map((pair) => pair.trim());
}

const nameOf = (pair: string): string => {
  const equals = pair.indexOf('=');
  // Without an equals sign there is no name: servers differ on what it is, and none takes it for a named cookie.
  return equals < 0 ? '' : pair.slice(0, equals).trim();
};

/** The names of all cookies, in their order; one that is sent twice stands twice. */
export const cookieNames = (headers: readonly string[]): readonly string[] =>
  pairs(headers)
    .map(nameOf)
    .filter((name) => name !== '');

/** Every value that is sent under a name: more than one is for the reader to refuse. Quotes around a value are kept. */
export const cookieValues = (headers: readonly string[], name: string): readonly string[] =>
  pairs(headers)
    .filter((pair) => nameOf(pair) === name)
    .map((pair) => pair.slice(pair.indexOf('=') + 1).trim());

/** The Cookie header that is left when some cookies are taken out; empty when none is left. */
export const withoutCookies = (headers: readonly string[], out: (name: string) => boolean): string =>
  pairs(headers)
    .filter((pair) => pair !== '' && !out(nameOf(pair)))
    .join('; ');
