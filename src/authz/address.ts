import { parseAddress } from '../core/address.ts';
import { createAddressSet } from '../core/address-set.ts';
import { readPrefixes } from '../core/prefix-list.ts';
import { reject } from '../core/verdict.ts';
import { type ConditionKind, fails, holds, unknown } from './condition.ts';

/** The trusted client address is in one of the ranges. */
export const address: ConditionKind<readonly string[]> = {
  schema: {
    type: 'array',
    minItems: 1,
    items: { type: 'string', format: 'prefix' },
    description: 'Addresses and prefixes, one of which must hold the client address. Default: any address.',
    examples: [['10.0.0.0/8', '2001:db8::/32']],
  },
  asksForPrincipal: false,
  build: (texts, { context }) => {
    const entries = readPrefixes(texts, context).map((prefix) => ({ prefix }));
    if (texts.length === 0) context.issue([], 'holds no address');
    const ranges = createAddressSet(entries);
    const noAddress = unknown(reject('address_not_allowed', { client_address: '' }));
    return ({ request: { clientAddress } }) => {
      const client = parseAddress(clientAddress);
      if (client === undefined) return noAddress;
      const range = ranges.find(client);
      return range === undefined
        ? fails(reject('address_not_allowed', { client_address: clientAddress }))
        : holds({ client_address: clientAddress, prefix: range.prefix.text });
    };
  },
};
