import type { HeaderMap } from '../core/attributes.ts';
import { isHeaderName, isToken } from '../core/header-name.ts';
import { type Reject, reject } from '../core/verdict.ts';

// Visible characters, spaces and tabs; no controls of either set, and no U+FFFD: those bytes were not UTF-8.
const cleanValue = /^[\t\u0020-\u007e\u00a0-\ufffc\ufffe\uffff]*$/;

/** The refusal of a method that is no token (RFC 9110 section 9.1), or that asks for a tunnel instead of a resource. */
export function refuseMethod(method: string): Reject | undefined {
  if (!isToken(method)) return reject('method_malformed');
  return method === 'CONNECT'
    ? reject('method_malformed', { problem: 'a tunnel has no path to decide on' })
    : undefined;
}

/**
 * The scheme in lower case, or the refusal of any but http and https. Envoy always states it; where nobody did it is
 * http, the one that promises nothing.
 */
export function normalizeScheme(scheme: string): 'http' | 'https' | Reject {
  switch (scheme.toLowerCase()) {
    case 'https':
      return 'https';
    case 'http':
    case '':
      return 'http';
    default:
      return reject('scheme_malformed');
  }
}

/** The refusal of headers that could be read differently further on; its detail names the header, never the value. */
export function refuseHeaders(headers: HeaderMap): Reject | undefined {
  for (const [name, values] of headers) {
    if (!isHeaderName(name)) return reject('header_malformed', { problem: 'a name that is no lower-case token' });
    for (const value of values) {
      if (!cleanValue.test(value)) {
        return reject('header_malformed', { header: name, problem: 'a control character or a byte that is not UTF-8' });
      }
    }
  }
  return undefined;
}
