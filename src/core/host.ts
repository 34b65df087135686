import { formatAddress, parseAddress } from './address.ts';

const label = /^[A-Za-z0-9_-]{1,63}$/;
const longestName = 253;

/**
 * The one form of a host without port: a name in lower case without its trailing dot, an IPv4 address, or an IPv6
 * address in brackets; undefined when the text is none of them. A name whose last label is a number is refused unless
 * it is a strict IPv4 address, because URL parsers read `127.1` and `0x7f.1` as addresses too.
 */
export function canonicalHost(text: string): string | undefined {
  if (text.startsWith('[')) {
    const address = text.endsWith(']') && text.includes(':') ? parseAddress(text.slice(1, -1)) : undefined;
    return address === undefined ? undefined : address.family === 6 ? `[${formatAddress(address)}]` : undefined;
  }
  const name = text.replace(/\.$/, '');
  // Lower case comes last: there are letters beyond ASCII that become ASCII by it.
  if (name.length > longestName) return undefined;
  if (!name.split('.').every((part) => label.test(part))) return undefined;
  const endsInNumber = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(name);
  return endsInNumber && parseAddress(name) === undefined ? undefined : name.toLowerCase();
}
