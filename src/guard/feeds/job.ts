import type { PackedAddresses } from '../../core/address-table.ts';
import type { FormatName } from './formats/index.ts';
import type { FeedLimits } from './gathering.ts';

/** What is kept of a document beside its bytes. */
export interface DocumentFacts {
  /** When it came, in milliseconds since the epoch. */
  readonly atMs: number;
  /** What its server calls this version of it (RFC 9110 sections 8.8.2 and 8.8.3). */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** Something to read, away from the event loop. */
export type FeedJob =
  /** A document that came over the net; cache: where it is kept if it is good. */
  | {
      readonly kind: 'document';
      readonly format: FormatName;
      readonly limits: FeedLimits;
      /** A document with fewer entries is not believed. */
      readonly floor: number;
      readonly chunks: readonly Uint8Array[];
      readonly cache: { readonly file: string; readonly facts: DocumentFacts } | undefined;
    }
  /** A file of somebody else's. */
  | {
      readonly kind: 'file';
      readonly format: FormatName;
      readonly limits: FeedLimits;
      readonly floor: number;
      readonly file: string;
      readonly maxBytes: number;
    }
  /** A document that was kept. */
  | {
      readonly kind: 'cached';
      readonly format: FormatName;
      readonly limits: FeedLimits;
      readonly file: string;
      readonly maxBytes: number;
    }
  /** Decisions, all or what has changed, of the feed that the origin names. */
  | {
      readonly kind: 'decisions';
      readonly origin: string;
      readonly limits: FeedLimits;
      readonly floor: number;
      readonly startup: boolean;
      readonly chunks: readonly Uint8Array[];
      readonly nowMs: number;
    }
  /** Nothing new, but some decisions have ended. */
  | { readonly kind: 'expire'; readonly origin: string; readonly nowMs: number }
  /** A feed is gone. */
  | { readonly kind: 'forget'; readonly origin: string };

/** What came of it. */
export type FeedReading =
  | {
      readonly ok: true;
      /** Undefined: what was decided last still holds. */
      readonly packed: PackedAddresses | undefined;
      /** What it says, as FeedContent has it; undefined without packed. */
      readonly version: string | undefined;
      readonly entries: number;
      readonly unreadable: number;
      readonly special: number;
      /** When the first decision ends by itself. */
      readonly expiresMs: number | undefined;
      /** Of a cached document. */
      readonly facts: DocumentFacts | undefined;
      /** Why a good document could not be kept. */
      readonly unkept: string | undefined;
    }
  /** In words that are fit for a log; doubtful: it has too few entries to be believed at once. */
  | { readonly ok: false; readonly problem: string; readonly doubtful: boolean };

/** Reads one thing after the other; never rejects. */
export interface FeedReader {
  read(job: FeedJob): Promise<FeedReading>;
  close(): Promise<void>;
}
