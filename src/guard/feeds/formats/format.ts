import type { Prefix } from '../../../core/address.ts';

/** Takes what a document lists, an entry at a time. */
export interface Entries {
  /** An entry; undefined: there is one, and it cannot be read. */
  add(prefix: Pick<Prefix, 'address' | 'length'> | undefined): void;
}

/** A format whose documents are whole lists. */
export interface DocumentFormat {
  readonly kind: 'document';
  /** How often it is looked at by default, a duration like "1h". */
  readonly refresh: string;
  /** Reads a document into entries; the result says what is wrong with it as a whole, and undefined: nothing. */
  read(bytes: Uint8Array, entries: Entries): string | undefined;
}

/** A format that tells all decisions once and afterwards what has changed. */
export interface StreamFormat {
  readonly kind: 'stream';
  readonly refresh: string;
  /** The URL to ask: for everything (startup), or for what has changed since the last time. */
  urlOf(url: string, startup: boolean): string;
  /** Headers of its own. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** How what a feed says is read. */
export type FeedFormat = DocumentFormat | StreamFormat;
