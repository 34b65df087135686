import type { Address } from '../../core/address.ts';
import type { FeedStatus } from '../../core/feed.ts';
import type { OutboundOptions } from '../../outbound/outbound.ts';
import type { FormatName } from './formats/index.ts';
import type { FeedLimits } from './gathering.ts';

/** Where a feed comes from. */
export type FeedSource =
  | {
      readonly kind: 'url';
      readonly url: string;
      /** Sent along; some of them may be secret. */
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly outbound: OutboundOptions;
    }
  | { readonly kind: 'file'; readonly file: string; readonly maxBytes: number; readonly timeoutMs: number };

/** A list that somebody else keeps: two equal specs are the same feed. */
export interface FeedSpec {
  readonly name: string;
  readonly list: FeedStatus['list'];
  readonly format: FormatName;
  readonly source: FeedSource;
  readonly refreshMs: number;
  readonly limits: FeedLimits;
  /** A directory in which documents of URLs are kept; undefined: they are not. */
  readonly cacheDir: string | undefined;
}

/** What a gate asks. */
export interface Feed {
  readonly name: string;
  /** The longest prefix of the list that holds the address, as canonical text; undefined: none does. */
  find(address: Address): string | undefined;
  /** Why the list cannot be had, where that is known at once; undefined: it can, or nobody knows yet. */
  readonly fault: string | undefined;
}

/** The feeds that outlive a plan. */
export interface Feeds {
  /** The feed of a spec, the same one every time; asks nobody yet. */
  resolve(spec: FeedSpec): Feed;
  /** Closes every feed that is not among these specs, and starts the others if start was called. */
  retain(specs: readonly FeedSpec[]): void;
}

/** What the feed is, whatever is asked of it besides: a list with another interval or key is still the same list. */
export const originOf = ({ name, list, format, source }: FeedSpec): string =>
  JSON.stringify([list, name, format, source.kind, source.kind === 'url' ? source.url : source.file]);

/** Of a URL the origin alone: its path may hold a key as well as its query. */
export function shownSource(source: FeedSource): string {
  if (source.kind === 'file') return source.file;
  return URL.canParse(source.url) ? new URL(source.url).origin : '';
}
