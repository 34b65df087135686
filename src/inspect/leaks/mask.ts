import { isAlphanumeric, latin1, type Window } from './detector.ts';
import { readDigits } from './digits.ts';
import type { Match } from './places.ts';

const star = 0x2a;
const wide = 0xef;
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

/** Whether the bytes may be a number of JSON: digits, with a dot at most, and not in quotes. */
function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  const before = bytes[start - 1] === minus ? bytes[start - 2] : bytes[start - 1];
  return /^\d+(?:\.\d+)?$/.test(latin1(bytes, start, end)) && isBeforeNumber(before) && !isQuote(bytes[end]);
}

/** Hides all digits but the last four; separators stay, wide and escaped digits become wide and escaped stars. */
function maskCard({ bytes }: Window, { start, end }: Match): void {
  const run = readDigits({ bytes: bytes.subarray(0, end), last: true }, start);
  const mask = isNumber(bytes, start, end) ? nine : star;
  for (const digit of (run?.digits ?? []).slice(0, -lastDigits)) {
    const length = digit.end - digit.start;
    if (length === 1) bytes[digit.start] = mask;
    // U+FF0A is the wide star.
    else if (bytes[digit.start] === wide) bytes[digit.end - 1] = 0x8a;
    else bytes.set(isWideEscape(bytes, digit.start) ? [0x30, 0x61] : [0x32, 0x61], digit.end - 2);
  }
}

const isWideEscape = (bytes: Uint8Array, at: number): boolean => /^\\u[fF]{2}/.test(latin1(bytes, at, at + 4));

const isQuote = (byte: number | undefined): boolean => byte === 0x22;

/** Behind an escape of JSON or of a URL, or an entity of XML that begins there: to hide a part of one would break the format. */
function behindEscape(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] === 0x5c) return at + (bytes[at + 1] === 0x75 ? 6 : 2);
  if (bytes[at] === 0x25 && /^%[\dA-Fa-f]{2}/.test(latin1(bytes, at, at + 3))) return at + 3;
  if (bytes[at] !== 0x26) return at;
  const semicolon = bytes.subarray(at, Math.min(at + mostEntityBytes, end)).indexOf(0x3b);
  return semicolon < 0 ? at : at + semicolon + 1;
}

function maskText({ bytes }: Window, { kind, start, end }: Match): void {
  const { first, last } = shown.get(kind) ?? nothingShown;
  const mask = isNumber(bytes, start, end) ? nine : star;
  let at = start + first;
  while (at < end - last) {
    const behind = behindEscape(bytes, at, end);
    if (behind > at) {
      at = behind;
      continue;
    }
    if (isAlphanumeric(bytes, at)) bytes[at] = mask;
    at += 1;
  }
}

/** Hides a match in its place: as many bytes as before, and the format around it stays whole. */
export function maskMatch(window: Window, match: Match): void {
  if (match.kind === 'cards') maskCard(window, match);
  else maskText(window, match);
}
