/** Bytes under search, as far as they have come. */
export interface Window {
  readonly bytes: Uint8Array;
  /** Whether nothing follows the last byte. */
  readonly last: boolean;
}

/** What a detector says of a place: no; bytes from start to end; or that it cannot tell before more have come. */
export type Judged =
  | { readonly kind: 'none' }
  | { readonly kind: 'match'; readonly start: number; readonly end: number }
  | { readonly kind: 'more' };

/** Nothing is there. */
export const none: Judged = Object.freeze({ kind: 'none' });

/** More bytes are needed. */
export const more: Judged = Object.freeze({ kind: 'more' });

/** What is found, by its name in the config. */
export const leakKinds = Object.freeze([
  'cards',
  'iban',
  'ssn',
  'private_keys',
  'jwt',
  'vendor_keys',
  'stack_traces',
  'database_errors',
] as const);

/** The name of a kind of leak. */
export type LeakKind = (typeof leakKinds)[number];

/** Finds what begins with fixed bytes. */
export interface LiteralDetector {
  readonly on: 'literal';
  /**
   * What it begins with: at least three Latin-1 characters each, of which the first is no digit and none but the first two
   * are digits with what may part them (so that no trigger lies within a run of digits).
   */
  readonly triggers: readonly string[];
  /** start: where a trigger's first three bytes stand. The window may hold bytes before it. */
  judge(window: Window, start: number): Judged;
}

/** Finds what is made of digits. */
export interface DigitDetector {
  readonly on: 'digits';
  /** Whether it may find something in a run of so many digits and hyphens, all of them plain. */
  mayFind(digits: number, hyphens: number): boolean;
  judge(window: Window, run: DigitRun): Judged;
}

/** A way to find one kind of leak. */
export type LeakDetector = LiteralDetector | DigitDetector;

/** Digits in groups, with what people and forgers put between them. */
export interface DigitRun {
  readonly digits: readonly Digit[];
  /** Behind the last digit. */
  readonly end: number;
  /** Where the next run may begin when nothing is found in this one. */
  readonly next: number;
}

/** One digit of a run. */
export interface Digit {
  readonly value: number;
  readonly start: number;
  readonly end: number;
  /** What stands before it: nothing (it goes on from the digit before), a dot, or another separator. */
  readonly after: 'digit' | 'dot' | 'separator';
}

/** So many bytes before a place say whether something may begin there: a judge looks no farther back. */
export const contextBytes = 16;

const alphanumeric = new Uint8Array(256);
for (const [first, last] of ['09', 'AZ', 'az'].map((range) => [range.charCodeAt(0), range.charCodeAt(1)] as const)) {
  alphanumeric.fill(1, first, last + 1);
}

/** Whether the byte there is an ASCII letter or digit; no where there is none. */
export const isAlphanumeric = (bytes: Uint8Array, at: number): boolean =>
  at >= 0 && at < bytes.length && alphanumeric[bytes[at] ?? 0] === 1;

const letterEscapes = new Set(Array.from('bfnrt', (letter) => letter.charCodeAt(0)));

/** Whether an escape of JSON or of a URL ends there: \n, \u000a, %20. */
function endsEscape(bytes: Uint8Array, end: number): boolean {
  if (bytes[end - 3] === 0x25) return true;
  if (bytes[end - 2] === 0x5c) return letterEscapes.has(bytes[end - 1] ?? 0);
  return bytes[end - 6] === 0x5c && bytes[end - 5] === 0x75;
}

/** Whether a word goes on there: a letter or digit stands before that is not the end of an escape. */
export const goesOn = (bytes: Uint8Array, at: number): boolean =>
  isAlphanumeric(bytes, at - 1) && !endsEscape(bytes, at);

/** The bytes as text, one character each. */
export const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, Math.min(end, bytes.length));
