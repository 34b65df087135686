import { compileAnchors, holdsAnchor, mostAnchorOffset } from './anchors.ts';
import type { Window } from './detector.ts';
import { leadsToDigit } from './digits.ts';
import { isPlainDigit, isPlainPiece, longPieceStarts } from './pieces.ts';
import type { Search } from './places.ts';

/** Places to be asked about, the last one included. */
interface Region {
  readonly first: number;
  readonly last: number;
}

/** The next places from one on at which something may begin; undefined when there are none. */
type Skim = (window: Window, from: number) => Region | undefined;

// What a pair of bytes may be a part of.
const digitish = 1;
const longPiece = 2;
const anchorStart = 4;
const anchorEnd = 8;

/** So many pairs of digits in a row, gaps of one byte among them, lie in any number that is looked for. */
const leastPairs = 5;
/** So far before a pair may begin what it is a part of, numbers aside. */
const reach = mostAnchorOffset + 1;
/** So many digits are worth a closer look, whatever stands between them. */
const manyDigits = 12;
const hyphen = 0x2d;

type Kinds = Uint8Array;

/** A place in a sieve of 65,536 for three bytes. */
const slotOf = (letters: number): number => Math.imul(letters, 0x9e3779b1) >>> 16;

function mark(kinds: Kinds, first: number, second: number, kind: number): void {
  const pair = first | (second << 8);
  kinds[pair] = (kinds[pair] ?? 0) | kind;
}

function markNumbers(kinds: Kinds): void {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const plain = bytes.filter(isPlainPiece);
  for (const first of plain)
    for (const second of plain) if (isPlainDigit(first) || isPlainDigit(second)) mark(kinds, first, second, digitish);
  for (const start of longPieceStarts)
    for (const beside of bytes) {
      mark(kinds, start, beside, longPiece);
      mark(kinds, beside, start, longPiece);
    }
}

/** Where the plain digits and gaps begin that end there, not before from. */
function plainStart(bytes: Uint8Array, end: number, from: number): number {
  let at = end;
  while (at > from && isPlainPiece(bytes[at - 1])) at -= 1;
  return at;
}

/** A run of plain digits with gaps of one byte. */
interface PlainRun {
  readonly start: number;
  readonly digits: number;
  readonly hyphens: number;
}

/** The run around a place; of many digits not all are counted. */
function plainRun(bytes: Uint8Array, around: number, from: number): PlainRun {
  let start = around;
  while (
    start > from &&
    isPlainPiece(bytes[start - 1]) &&
    (isPlainDigit(bytes[start - 1]) || isPlainDigit(bytes[start]))
  )
    start -= 1;
  let [digits, hyphens, gaps] = [0, 0, 0];
  for (let at = start; isPlainPiece(bytes[at]) && digits < manyDigits && gaps < 2; at += 1) {
    gaps = isPlainDigit(bytes[at]) ? 0 : gaps + 1;
    if (gaps === 0) digits += 1;
    if (bytes[at] === hyphen) hyphens += 1;
  }
  return { start, digits, hyphens };
}

/**
 * The loop that every byte goes through: the first pair from a place on that is more than digits, or the last of leastPairs of
 * digits in a row; the window's end where there is none.
 */
function nextSign(bytes: Uint8Array, kinds: Kinds, from: number): number {
  const end = bytes.length - 1;
  let streak = 0;
  for (let at = from; at < end; at += 2) {
    const kind = kinds[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
    if (kind === 0) {
      streak = 0;
      continue;
    }
    streak += 1;
    if (kind > digitish || streak === leastPairs) return at;
  }
  return bytes.length;
}

const longLeads = (window: Window, at: number): boolean =>
  longPieceStarts.includes(window.bytes[at] ?? 0) && leadsToDigit(window, at);

/** What the end of the window may cut off. */
function tail({ bytes, last }: Window, from: number): Region | undefined {
  if (last || from >= bytes.length) return undefined;
  const cutPiece = longPieceStarts.includes(bytes.at(-1) ?? 0) ? 1 : 0;
  const run = plainStart(bytes, bytes.length - cutPiece, from);
  return { first: Math.max(from, Math.min(run, bytes.length - reach - 3)), last: bytes.length - 1 };
}

/**
 * Compiles what leaves out the places at which nothing can begin. It looks at pairs of bytes, two bytes apart: each trigger has
 * an anchor of three bytes, so that a pair lies within it wherever it stands; a number has some pairs of digits in a row; wide
 * and escaped digits, and long gaps, are looked at one by one.
 */
export function compileSkim({ triggers, numbers }: Search): Skim {
  const kinds = new Uint8Array(0x10000);
  if (numbers.length > 0) markNumbers(kinds);
  const anchors = compileAnchors(triggers.texts);
  for (const letters of anchors.keys()) {
    mark(kinds, letters & 255, (letters >>> 8) & 255, anchorStart);
    mark(kinds, (letters >>> 8) & 255, letters >>> 16, anchorEnd);
  }

  const sieve = new Uint8Array(0x10000);
  for (const letters of anchors.keys()) sieve[slotOf(letters)] = 1;

  function anchored(bytes: Uint8Array, at: number): boolean {
    const letters = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    if (sieve[slotOf(letters)] === 0) return false;
    return anchors.get(letters)?.some((anchor) => holdsAnchor(bytes, anchor, at)) ?? false;
  }

  /** What a pair that is more than digits makes of its surroundings. */
  function around(window: Window, at: number, kind: number, from: number): Region | undefined {
    const { bytes } = window;
    const last = at + 1;
    const isAnchored =
      ((kind & anchorStart) !== 0 && anchored(bytes, at)) ||
      ((kind & anchorEnd) !== 0 && at > from && anchored(bytes, at - 1));
    if (isAnchored) return { first: Math.max(from, at - reach), last };
    if ((kind & longPiece) === 0 || !(longLeads(window, at) || longLeads(window, last))) return undefined;
    // Only plain pieces can stand before it: a long one among them would have been seen first.
    return { first: Math.min(Math.max(from, at - reach), plainStart(bytes, at, from)), last };
  }

  /** What a run of digits around a pair makes of its surroundings. */
  function aroundDigits(bytes: Uint8Array, at: number, from: number): Region | undefined {
    const { start, digits, hyphens } = plainRun(bytes, at, from);
    if (!numbers.some(([, detector]) => detector.mayFind(digits, hyphens))) return undefined;
    return { first: Math.max(from, Math.min(start, at - reach)), last: at + 1 };
  }

  return (window, from) => {
    const { bytes } = window;
    for (let at = nextSign(bytes, kinds, from); at < bytes.length; at = nextSign(bytes, kinds, at + 2)) {
      const kind = kinds[(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)] ?? 0;
      const region =
        (kind > digitish ? around(window, at, kind, from) : undefined) ??
        ((kind & digitish) === 0 ? undefined : aroundDigits(bytes, at, from));
      if (region !== undefined) return region;
    }
    return tail(window, from);
  };
}
