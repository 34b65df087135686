/** How a list of addresses that somebody else keeps stands, for people who look after it; nothing in it is secret. */
export interface FeedStatus {
  readonly name: string;
  readonly list: 'deny' | 'allow';
  readonly format: string;
  /** A path, or the origin of a URL. */
  readonly source: string;
  /** How many entries are in force. */
  readonly entries: number;
  /** Entries of the document in force that are left out: none that can be read, or special-purpose ranges. */
  readonly leftOut: { readonly unreadable: number; readonly special: number };
  /** When what is in force was taken; undefined: nothing is. Milliseconds since the epoch, as below. */
  readonly takenMs: number | undefined;
  /** When its source said last that this is its list. */
  readonly confirmedMs: number | undefined;
  /** Why the last look brought nothing; undefined: it did. */
  readonly problem: string | undefined;
}

/** What a feed has in force. */
export interface FeedContent {
  readonly entries: number;
  /** The first 16 hexadecimal digits of a SHA-256 over what the list says; two lists that say the same have the same one. */
  readonly version: string;
}

/** A change of a feed: not each look at it, nor each try that brings nothing again. */
export interface FeedChange extends Pick<FeedStatus, 'name' | 'list' | 'format' | 'source'> {
  /**
   * taken: another list is in force. back: it could not be had or believed, and what is in force is confirmed again. failed: it
   * cannot be had any more. refused: what comes is not believed.
   */
  readonly outcome: 'taken' | 'back' | 'failed' | 'refused';
  /** What was in force; undefined: nothing. */
  readonly before: FeedContent | undefined;
  /** What is in force now. */
  readonly after: FeedContent | undefined;
  /** Why nothing good came; nothing in it is secret. */
  readonly problem: string | undefined;
}

/** Hears of every change of feeds; never throws, never waits. */
export interface FeedListener {
  feedChanged(change: FeedChange): void;
}
