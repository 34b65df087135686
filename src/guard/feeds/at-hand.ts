import { join } from 'node:path';
import { openAddressTable } from '../../core/address-table.ts';
import type { Feed, FeedSpec, Feeds } from './feed.ts';
import type { FeedReading } from './job.ts';
import { openPerformer } from './perform.ts';
import { cacheName } from './sources/document.ts';
import { emptyTable, findIn } from './table.ts';

/** What the command line knows of a feed besides its entries. */
export interface SeenFeed {
  readonly name: string;
  /** A file was read, a kept document was (takenMs: when it came), or nothing. */
  readonly seen:
    | { readonly kind: 'file' }
    | { readonly kind: 'cache'; readonly takenMs: number }
    | { readonly kind: 'nothing' };
}

/** The feeds of the command line. */
export interface FeedsAtHand extends Feeds {
  /** What was known of each that was resolved. */
  seen(): readonly SeenFeed[];
}

/**
 * Feeds as they can be had at once, without asking anybody: files are read here and now, and of URLs what a gateway kept in
 * the cache, if that is wanted. What is not at hand lists nothing.
 */
export function feedsAtHand({ files, cache }: { readonly files: boolean; readonly cache: boolean }): FeedsAtHand {
  const known = new Map<string, SeenFeed>();
  const performer = openPerformer();
  const read = ({ name, format, limits, source, cacheDir, ...rest }: FeedSpec): FeedReading | undefined => {
    if (source.kind === 'file') {
      const { file, maxBytes } = source;
      return files ? performer.perform({ kind: 'file', format, limits, floor: 0, file, maxBytes }) : undefined;
    }
    if (!cache || cacheDir === undefined) return undefined;
    const file = join(cacheDir, cacheName({ name, format, limits, source, cacheDir, ...rest }));
    return performer.perform({ kind: 'cached', format, limits, file, maxBytes: source.outbound.maxBytes });
  };
  return {
    resolve: (spec) => {
      const reading = read(spec);
      known.set(`${spec.list} ${spec.name}`, { name: spec.name, seen: seenIn(spec, reading) });
      return feedOf(spec, reading);
    },
    retain: () => {},
    seen: () => [...known.values()],
  };
}

function seenIn({ source }: FeedSpec, reading: FeedReading | undefined): SeenFeed['seen'] {
  if (!reading?.ok) return { kind: 'nothing' };
  return source.kind === 'file' ? { kind: 'file' } : { kind: 'cache', takenMs: reading.facts?.atMs ?? 0 };
}

function feedOf({ name, source }: FeedSpec, reading: FeedReading | undefined): Feed {
  const packed = reading?.ok ? reading.packed : undefined;
  const table = packed === undefined ? emptyTable : openAddressTable(packed);
  return {
    name,
    find: (address) => findIn(table, address),
    // A cache may be empty; a file that is named should be there.
    fault: source.kind === 'file' && reading?.ok === false ? reading.problem : undefined,
  };
}
