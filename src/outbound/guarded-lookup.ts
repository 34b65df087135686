import type { LookupFunction } from 'node:net';
import { OutboundError } from './outbound-error.ts';
import { isLinkLocal } from './url.ts';

/** A lookup that gives no addresses at all when one of them is link-local: such a name was made to lead us astray. */
export const guardedLookup =
  (lookup: LookupFunction): LookupFunction =>
  (host, options, done) =>
    lookup(host, options, (error, address, family) => {
      const addresses = typeof address === 'string' ? [address] : (address ?? []).map((one) => one.address);
      if (error === null && addresses.some(isLinkLocal)) {
        done(new OutboundError('the host has a link-local address'), address, family);
      } else {
        done(error, address, family);
      }
    });
