import { endpointRoot } from '../../core/endpoint.ts';

const maxLength = 2048;
// Printable ASCII without the backslash, which browsers read as a slash.
const plain = /^[\x21-\x5b\x5d-\x7e]+$/;
// What a careless decoder on the way would turn into the two slashes before a host.
const disguised = /^\/(?:%2f|%5c|%0[0-9a-f])/i;

/**
 * Where a browser is sent after a login: a path, with its query, of the very origin that it came from. What could be read
 * as anything else, or is no page of the application, is the landing page.
 */
export function returnAddress(path: string, query: string, landing: string): string {
  const address = query === '' ? path : `${path}?${query}`;
  return isLocal(address, path) && !path.startsWith(endpointRoot) ? address : landing;
}

/** Whether an address stays on the origin in every reading of it. */
export function isLocal(address: string, path: string = address.split('?')[0] ?? ''): boolean {
  if (address.length > maxLength || !plain.test(address)) return false;
  if (!path.startsWith('/') || path.startsWith('//') || disguised.test(path)) return false;
  const base = 'https://origin.invalid';
  const url = URL.parse(address, base);
  return url !== null && url.origin === base && `${url.pathname}${url.search}` === address;
}
