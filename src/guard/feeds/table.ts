import { type Address, prefixAround } from '../../core/address.ts';
import { lengthOf, listOf } from '../../core/address-sweep.ts';
import type { AddressTable } from '../../core/address-table.ts';
import { feedLists } from './gathering.ts';

/** Looks an address up among the entries of a feed: the longest prefix, as canonical text. */
export const findIn = (table: AddressTable, address: Address): string | undefined => {
  const owner = table.find(address);
  if (owner === 0 || listOf(owner) === feedLists.cutOut) return undefined;
  return prefixAround(address, lengthOf(owner)).text;
};

/** A table in which nothing stands. */
export const emptyTable: AddressTable = Object.freeze({ find: () => 0 });
