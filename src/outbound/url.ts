import { isIP } from 'node:net';

/** Where a kind of identity may call: the rules that a URL is held against before anybody is asked. */
export interface UrlRules {
  /** Whether plain http may be used beyond loopback. */
  readonly allowHttp: boolean;
  /** Hosts in lower case, each with or without a port; without one, every port is meant. Undefined: any host. */
  readonly allowedHosts: readonly string[] | undefined;
}

const loopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));

// A URL parser drops line breaks and encodes blanks: what is written should be what is asked.
const unclean = /[\s\p{Cc}]/u;

/** Whether an IP address, without brackets, is one where clouds keep the machine's own credentials. */
export const isLinkLocal = (address: string): boolean =>
  (isIP(address) === 4 && address.startsWith('169.254.')) ||
  /^fe[89ab][0-9a-f]:/i.test(address) ||
  // The same address mapped (RFC 4291), by NAT64 (RFC 6052) and by 6to4 (RFC 3056).
  /^(?:::ffff:|64:ff9b::)(?:a9fe:|169\.254\.)/i.test(address) ||
  /^2002:a9fe:/i.test(address) ||
  /^fd00:ec2::254$/i.test(address) ||
  address === '100.100.100.200';

/**
 * Why a URL may not be asked; undefined when it may: https anywhere, http on loopback only unless it is allowed, never a
 * link-local address, never with a user, a password or a fragment, and no host beyond the allowed ones.
 */
export function faultOfUrl(text: string, { allowHttp, allowedHosts }: UrlRules): string | undefined {
  if (unclean.test(text) || !URL.canParse(text)) return 'is no URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
  if (url.hash !== '') return 'must not have a fragment';
  if (isLinkLocal(url.hostname.replace(/^\[|\]$/g, ''))) return 'must not be a link-local address';
  if (url.protocol === 'http:' && !loopback(url.hostname) && !allowHttp) {
    return 'must be https: plain http is for loopback addresses, or with allow_http';
  }
  if (allowedHosts === undefined || allowedHosts.includes(url.hostname) || allowedHosts.includes(withPort(url))) {
    return undefined;
  }
  return `is on the host ${url.hostname}, which allowed_hosts does not name`;
}

const withPort = ({ hostname, port, protocol }: URL): string =>
  `${hostname}:${port !== '' ? port : protocol === 'https:' ? '443' : '80'}`;

/** The host of a URL as allowed_hosts would name it, without the port; undefined for what is no URL. */
export const hostOfUrl = (text: string): string | undefined =>
  URL.canParse(text) ? new URL(text).hostname || undefined : undefined;

/** Whether a text can stand in allowed_hosts: a host in lower case as a URL has it, perhaps with a port. */
export function isAllowedHost(text: string): boolean {
  // A parser takes stars and other signs too, of which no name in the DNS consists.
  if (!/^[a-z0-9.:[\]_-]+$/.test(text) || !URL.canParse(`https://${text}/`)) return false;
  const url = new URL(`https://${text}/`);
  return text === url.hostname || text === withPort(url);
}
