import { parseNetwork, parsePrefix, prefixAround } from '../core/address.ts';
import { createAddressSet } from '../core/address-set.ts';
import { clientPrefixBits } from '../core/client-network.ts';
import type { Allowlist } from './findings.ts';

/** Who is never acted against: a network by any prefix that holds it or that it holds, a principal by its key. */
export function openAllowlist(addresses: readonly string[], principals: readonly string[]): Allowlist {
  const set = createAddressSet(
    addresses.flatMap((text) => {
      const prefix = parsePrefix(text);
      if (prefix === undefined) return [];
      const { address, length } = prefix;
      // A ban is of the whole network: it would hit whoever is allowed there.
      return [{ prefix: prefixAround(address, Math.min(length, clientPrefixBits[address.family])) }];
    }),
  );
  const keys = new Set(principals);
  return {
    has: (target) => {
      if (target.kind === 'principal') return keys.has(target.key);
      const network = parseNetwork(target.prefix);
      return network !== undefined && set.find(network.address) !== undefined;
    },
  };
}
