import { parseNetwork, parsePrefix } from '../core/address.ts';
import { createAddressSet } from '../core/address-set.ts';
import type { Allowlist } from './findings.ts';

/** Who is never acted against: a network by any prefix that holds it, a principal by its key. */
export function openAllowlist(addresses: readonly string[], principals: readonly string[]): Allowlist {
  const set = createAddressSet(
    addresses.flatMap((text) => {
      const prefix = parsePrefix(text);
      return prefix === undefined ? [] : [{ prefix }];
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
