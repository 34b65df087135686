import type { Address, Prefix } from './address.ts';
import { listOf } from './address-sweep.ts';
import { openAddressTable, packAddresses } from './address-table.ts';
import { openPrefixColumns } from './prefix-columns.ts';

/** Something that is told apart by a prefix. */
interface AddressEntry {
  readonly prefix: Prefix;
}

/** Prefixes in a form whose lookup hardly depends on how many there are. */
interface AddressSet<E extends AddressEntry> {
  /** The entry with the longest prefix that holds the address, the first of equals. */
  find(address: Address): E | undefined;
}

/**
 * Builds the set. IPv4 and IPv6 are apart: `::/0` holds no IPv4 address, mapped ones included.
 * Ten entries or a million make no difference but a few steps of a binary search over one buffer.
 */
export function createAddressSet<E extends AddressEntry>(entries: readonly E[]): AddressSet<E> {
  const columns = openPrefixColumns(entries.length);
  for (const [index, { prefix }] of entries.entries()) columns.add(prefix, index);
  const table = openAddressTable(packAddresses(columns));
  return Object.freeze({
    find: (address: Address) => {
      const owner = table.find(address);
      return owner === 0 ? undefined : entries[listOf(owner)];
    },
  });
}
