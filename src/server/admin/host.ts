import type { IncomingHttpHeaders } from 'node:http';
import { parseAddress } from '../../core/address.ts';
import { parseListenAddress } from '../../core/listen-address.ts';

// Names that nobody can register: a page of somebody else's cannot have one (RFC 6761, RFC 6762, and what clusters use).
const privateName = /^[^.]+$|\.(?:localhost|local|internal|svc)$/;

/**
 * Tells by the Host of a request whether whoever sent it may have meant us; the address is where we listen.
 *
 * A browser sends the name of the page that it is on, also when that name has been made to lead here (DNS rebinding), so a
 * name of the public DNS is refused unless the address has it. IP addresses, private names and no Host at all are good.
 */
export function openHostCheck(address: string): (host: string | undefined) => boolean {
  const own = parseListenAddress(address);
  // No page leads a browser to a socket file.
  if (own?.kind !== 'tcp') return () => true;
  const ownName = own.host.toLowerCase();
  return (host) => {
    if (host === undefined) return true;
    const [, v6, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.toLowerCase()) ?? [];
    return parseAddress(v6 ?? name) !== undefined || name === ownName || privateName.test(name);
  };
}

/**
 * Whether a page that a request comes from is our own: its origin (RFC 6454) is the address that it was asked at, and isOurs
 * takes that. Requests of programs have no Origin.
 */
export function isOwnOrigin(
  { origin, host }: IncomingHttpHeaders,
  isOurs: (host: string | undefined) => boolean,
): boolean {
  return host !== undefined && isOurs(host) && origin === `http://${host.toLowerCase()}`;
}
