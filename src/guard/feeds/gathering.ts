import { type PackedAddresses, packAddresses } from '../../core/address-table.ts';
import { openPrefixColumns } from '../../core/prefix-columns.ts';
import type { Entries } from './formats/format.ts';
import { specialPurpose, toSpecialPurpose } from './special-purpose.ts';

/** What a document must keep to. */
export interface FeedLimits {
  readonly maxEntries: number;
  /** Take special-purpose ranges too. */
  readonly keepSpecial: boolean;
}

/** What was gathered, good or not. */
export interface Gathered {
  readonly packed: PackedAddresses;
  /** How many entries there are. */
  readonly entries: number;
  /** How many could not be read, and are left out. */
  readonly unreadable: number;
  /** How many are special-purpose ranges, and left out. */
  readonly special: number;
}

/** What a list is in the table: the feed's own entries, and what is cut out of them. */
export const feedLists = Object.freeze({ entry: 0, cutOut: 1 });

// A list with one line in twenty that is none is another kind of document, or a broken one.
const unreadableShare = 0.05;
// No list means a whole /8: such a line is a mistake, or an attack.
const shortest = { 4: 8, 6: 16 } as const;

/** Entries that are being gathered. */
interface Gathering extends Entries {
  /** Everything that was added; a text where that is no list to believe. */
  end(): Gathered | string;
}

/**
 * Opens an empty gathering. of: a document with entries that no list has is refused as a whole; of decisions, each of which was
 * made by itself, those are left out.
 */
export function openGathering({ maxEntries, keepSpecial }: FeedLimits, of: 'document' | 'decisions'): Gathering {
  const columns = openPrefixColumns();
  let seen = 0;
  let entries = 0;
  let unreadable = 0;
  let special = 0;
  let cutsOut = false;
  let problem: string | undefined;
  return {
    add: (prefix) => {
      seen += 1;
      if (prefix === undefined) {
        unreadable += 1;
        return;
      }
      const place = toSpecialPurpose(prefix);
      if (place === 'inside' && !keepSpecial) {
        special += 1;
        return;
      }
      if (place !== 'inside' && prefix.length < shortest[prefix.address.family]) {
        if (of === 'decisions') unreadable += 1;
        else problem ??= `it lists a prefix of ${prefix.length} bits, shorter than any list should`;
        return;
      }
      entries += 1;
      if (entries > maxEntries) {
        problem ??= `more than ${maxEntries} entries`;
        return;
      }
      if (place === 'around' && !keepSpecial) cutsOut = true;
      columns.add(prefix, feedLists.entry);
    },
    end: () => {
      if (problem !== undefined) return problem;
      if (of === 'document' && unreadable > seen * unreadableShare)
        return `${unreadable} of ${seen} entries cannot be read`;
      if (cutsOut) for (const range of specialPurpose) columns.add(range, feedLists.cutOut);
      return { packed: packAddresses(columns), entries, unreadable, special };
    },
  };
}
