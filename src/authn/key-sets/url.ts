import { isIP } from 'node:net';

const loopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));

// A URL parser drops line breaks and encodes blanks: what is written should be what is asked.
const unclean = /[\s\p{Cc}]/u;

// Where clouds keep the machine's own credentials.
const linkLocal = (host: string): boolean =>
  (isIP(host) === 4 && host.startsWith('169.254.')) ||
  /^\[fe[89ab][0-9a-f]:/.test(host) ||
  host.startsWith('[::ffff:a9fe:') ||
  host === '[fd00:ec2::254]';

/**
 * Why a key server's URL may not be asked; undefined when it may: https anywhere, http on loopback only unless it is
 * allowed, never a link-local address, never with a user, a password or a fragment.
 */
export function faultOfUrl(text: string, allowHttp: boolean): string | undefined {
  if (unclean.test(text) || !URL.canParse(text)) return 'is no URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
  if (url.hash !== '') return 'must not have a fragment';
  if (linkLocal(url.hostname)) return 'must not be a link-local address';
  if (url.protocol === 'http:' && !loopback(url.hostname) && !allowHttp) {
    return 'must be https: plain http is for loopback addresses, or with allow_http';
  }
  return undefined;
}
