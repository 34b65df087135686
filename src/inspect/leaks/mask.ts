import { isAlphanumeric, type Window } from './detector.ts';
import { readDigits } from './digits.ts';
import type { Match } from './scan.ts';

const star = 0x2a;
const nine = 0x39;
const minus = 0x2d;
/** How many characters at either end stay, for people to recognise what it was. */
const shown: ReadonlyMap<string, { readonly first: number; readonly last: number }> = new Map([
  ['iban', { first: 2, last: 4 }],
  ['ssn', { first: 0, last: 4 }],
  ['jwt', { first: 4, last: 0 }],
  ['vendor_keys', { first: 4, last: 0 }],
]);
const nothingShown = { first: 0, last: 0 };
const lastDigits = 4;
const mostEntityBytes = 10;

// A number of JSON stands behind these, and a star would end it; in a text a nine does no harm either.
const isBeforeNumber = (byte: number | undefined): boolean =>
  byte === undefined || byte <= 0x20 || byte === 0x3a || byte === 0x5b || byte === 0x2c;

/** Hides all digits but the last four; separators stay, wide and escaped digits become wide stars. */
function maskCard(window: Window, { start, end }: Match): void {
  const { bytes } = window;
  const run = readDigits({ bytes: bytes.subarray(0, end), last: true }, start);
  const digits = run?.digits ?? [];
  const before = bytes[start - 1] === minus ? bytes[start - 2] : bytes[start - 1];
  const plain = digits.length === end - start && isBeforeNumber(before) && !isQuote(bytes[end]);
  for (const digit of digits.slice(0, -lastDigits)) {
    const length = digit.end - digit.start;
    if (length === 1) bytes[digit.start] = plain ? nine : star;
    // U+FF0A: the wide star, as bytes or as an escape.
    else if (length === 3) bytes[digit.end - 1] = 0x8a;
    else bytes.set([0x30, 0x61], digit.end - 2);
  }
}

const isQuote = (byte: number | undefined): boolean => byte === 0x22;

/** Behind an escape of JSON or an entity of XML that begins there: to hide a part of one would break the format. */
function behindEscape(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === 0x5c) return at + (bytes[at + 1] === 0x75 ? 6 : 2);
  if (bytes[at] !== 0x26) return at;
  const semicolon = bytes.subarray(at, Math.min(at + mostEntityBytes, end)).indexOf(0x3b);
  return semicolon < 0 ? at : at + semicolon + 1;
}

function maskText({ bytes }: Window, { kind, start, end }: Match): void {
  const { first, last } = shown.get(kind) ?? nothingShown;
  let at = start + first;
  while (at < end - last) {
    const behind = behindEscape(bytes, at, end);
    if (behind > at) {
      at = behind;
      continue;
    }
    if (isAlphanumeric(bytes, at)) bytes[at] = star;
    at += 1;
  }
}

/** Hides a match in its place: as many bytes as before, and the format around it stays whole. */
export function maskMatch(window: Window, match: Match): void {
  if (match.kind === 'cards') maskCard(window, match);
  else maskText(window, match);
}
