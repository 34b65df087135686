// What another reader of URLs might skip, or take for something else.
const forbidden = /[\s\p{Cc}\\]/u;
const parts = /^(https?):\/\/([^/?#@]+)((?:\/[^?#]*)?)(?:\?[^#]*)?(?:#.*)?$/i;
const unreserved = /[A-Za-z0-9._~-]/;

/**
 * The target of a request without query and fragment, in normal form (RFC 3986 sections 6.2.2 and 6.2.3): what the htu of
 * a proof is compared by (RFC 9449 section 4.3). Undefined when the text is no http or https URI.
 */
export function normalTarget(uri: string): string | undefined {
  const [, scheme, authority, path] = parts.exec(uri) ?? [];
  if (scheme === undefined || forbidden.test(uri)) return undefined;
  const url = URL.parse(`${scheme}://${authority}${path}`);
  return url === null ? undefined : url.origin + url.pathname.replace(/%[0-9A-Fa-f]{2}/g, normalOctet);
}

function normalOctet(octet: string): string {
  const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
  return unreserved.test(character) ? character : octet.toUpperCase();
}
