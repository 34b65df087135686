import type { Attributes } from '../core/attributes.ts';
import { canonicalHost } from '../core/host.ts';

const highestPort = 65_535;

function parseAuthority(text: string): string | undefined {
  const port = /:\d{1,5}$/.exec(text)?.[0] ?? '';
  const number = Number(port.slice(1));
  if (port !== '' && (number === 0 || number > highestPort)) return undefined;
  return canonicalHost(text.slice(0, text.length - port.length));
}

/**
 * The one form of a request's host, without port; undefined when it is missing, junk, or contradicted by a host header
 * beside it (RFC 9110 section 7.2: there is one, and a comma does not make it a list).
 */
export function normalizeHost(attributes: Attributes): string | undefined {
  const host = parseAuthority(attributes.host);
  if (host === undefined) return undefined;
  const besides = attributes.headers.get('host');
  if (besides === undefined) return host;
  return besides.length === 1 && besides.every((value) => parseAuthority(value) === host) ? host : undefined;
}
