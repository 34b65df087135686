import { type Address, formatAddress } from '../../core/address.ts';
import { lengthOf, listOf } from '../../core/address-sweep.ts';
import type { AddressTable } from '../../core/address-table.ts';
import { feedLists } from './gathering.ts';

/** Looks an address up among the entries of a feed: the longest prefix, as canonical text. */
export const findIn = (table: AddressTable, address: Address): string | undefined => {
  const owner = table.find(address);
  if (owner === 0 || listOf(owner) === feedLists.cutOut) return undefined;
  const length = lengthOf(owner);
  const words = address.words.map((word, at) => masked(word, length - at * 32));
  const text = formatAddress({ family: address.family, words });
  return length === words.length * 32 ? text : `${text}/${length}`;
};

const masked = (word: number, kept: number): number =>
  kept >= 32 ? word : kept <= 0 ? 0 : (word & (0xffff_ffff << (32 - kept))) >>> 0;

/** A table in which nothing stands. */
export const emptyTable: AddressTable = Object.freeze({ find: () => 0 });
