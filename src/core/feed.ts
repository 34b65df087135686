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
