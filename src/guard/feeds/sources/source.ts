import type { Outbound } from '../../../outbound/outbound.ts';
import type { FeedReader, FeedReading } from '../job.ts';

/** What a look at a source came to. */
export type Look =
  /** takenMs: when it came, in milliseconds since the epoch. */
  | { readonly kind: 'taken'; readonly reading: Extract<FeedReading, { readonly ok: true }>; readonly takenMs: number }
  /** It is what we have. */
  | { readonly kind: 'unchanged' }
  /** failed: it could not be had; refused: what came is not believed. */
  | {
      readonly kind: 'failed' | 'refused';
      readonly problem: string;
      /** It has too few entries to be believed at once. */
      readonly doubtful: boolean;
      /** How long the server wants to be left alone, in milliseconds. */
      readonly retryAfterMs: number;
    };

/** What a source is looked at with. */
export interface LookDeps {
  readonly reader: FeedReader;
  readonly outbound: Pick<Outbound, 'fetch'>;
  readonly nowMs: () => number;
}

/** Where a feed comes from, and what is known of it from look to look. Nothing here rejects. */
export interface Source {
  /** Looks; a list with fewer entries than the floor is not believed. */
  look(floor: number, signal: AbortSignal): Promise<Look>;
  /** What was kept over a restart; undefined where nothing is kept. */
  readonly kept: (() => Promise<Look>) | undefined;
  /** What is left when decisions have ended; undefined where there are none. */
  readonly expire: (() => Promise<Look>) | undefined;
}

/** What is seen in a reading. */
export const seen = (reading: FeedReading, takenMs: number): Look =>
  reading.ok
    ? { kind: 'taken', reading, takenMs }
    : { kind: 'refused', problem: reading.problem, doubtful: reading.doubtful, retryAfterMs: 0 };

/** A look that brought nothing. */
export const failed = (problem: string, retryAfterMs = 0): Look => ({
  kind: 'failed',
  problem,
  doubtful: false,
  retryAfterMs,
});
