import type { Digit, DigitRun, Window } from './detector.ts';

/** More digits than any number that is looked for has, with some to spare for what stands beside it. */
const mostDigits = 64;

interface Piece {
  readonly kind: 'digit' | 'dot' | 'separator' | 'other' | 'cut';
  readonly length: number;
  readonly value: number;
}

const other: Piece = { kind: 'other', length: 0, value: 0 };
const cut: Piece = { kind: 'cut', length: 0, value: 0 };
const separator = (length: number): Piece => ({ kind: 'separator', length, value: 0 });
const digit = (value: number, length: number): Piece => ({ kind: 'digit', length, value });

// Blanks and hyphens of Unicode's general punctuation, zero-width ones included, and the no-break space.
const isSeparator = (code: number): boolean =>
  code === 0xa0 || (code >= 0x2000 && code <= 0x2015) || code === 0x202f || code === 0x2060 || code === 0xfeff;

const ofCode = (code: number, length: number): Piece => {
  if (code >= 0xff10 && code <= 0xff19) return digit(code - 0xff10, length);
  return isSeparator(code) ? separator(length) : other;
};

function escaped({ bytes, last }: Window, at: number): Piece {
  if (at + 6 > bytes.length) return last ? other : cut;
  if (bytes[at + 1] !== 0x75) return other;
  const code = Number.parseInt(String.fromCharCode(...bytes.subarray(at + 2, at + 6)), 16);
  return Number.isNaN(code) ? other : ofCode(code, 6);
}

function multibyte({ bytes, last }: Window, at: number, first: number): Piece {
  const length = first < 0xe0 ? 2 : 3;
  if (at + length > bytes.length) return last ? other : cut;
  const [second = 0, third = 0] = bytes.subarray(at + 1, at + length);
  const code =
    length === 2 ? ((first & 31) << 6) | (second & 63) : ((first & 15) << 12) | ((second & 63) << 6) | (third & 63);
  return ofCode(code, length);
}

function pieceAt(window: Window, at: number): Piece {
  const byte = window.bytes[at];
  if (byte === undefined) return window.last ? other : cut;
  if (byte >= 0x30 && byte <= 0x39) return digit(byte - 0x30, 1);
  if (byte === 0x2e) return { kind: 'dot', length: 1, value: 0 };
  // Blank, tab, hyphen, slash, underscore.
  if (byte === 0x20 || byte === 0x09 || byte === 0x2d || byte === 0x2f || byte === 0x5f) return separator(1);
  if (byte === 0x5c) return escaped(window, at);
  return byte >= 0xc2 && byte < 0xf0 ? multibyte(window, at, byte) : other;
}

/** The digit that stands there, be it wide or escaped; undefined when none does. cut: that cannot be told yet. */
export function digitAt(window: Window, at: number): 'cut' | 'digit' | undefined {
  const { kind } = pieceAt(window, at);
  return kind === 'cut' || kind === 'digit' ? kind : undefined;
}

/** Fewer digits than any number that is looked for has. */
const fewDigits = 9;

/** Where a number ends that is too short to matter; -1 when it is not, or that cannot be told from plain bytes alone. */
export function skimDigits(bytes: Uint8Array, start: number): number {
  const most = Math.min(start + fewDigits, bytes.length);
  for (let at = start; at < most; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x30 && byte <= 0x39) continue;
    // Whatever may go on with a number: a separator, an escape, a byte beyond ASCII.
    const goesOn = (byte >= 0x2d && byte <= 0x2f) || byte === 0x20 || byte === 0x09 || byte === 0x5f || byte === 0x5c;
    return goesOn || byte >= 0x80 ? -1 : at;
  }
  return -1;
}

/** The digits from a place on, with single separators between them; undefined when more bytes may belong to them. */
export function readDigits(window: Window, start: number): DigitRun | undefined {
  const digits: Digit[] = [];
  let at = start;
  let after: Digit['after'] = 'separator';
  let end = start;
  while (digits.length < mostDigits) {
    const piece = pieceAt(window, at);
    if (piece.kind === 'cut') return undefined;
    if (piece.kind === 'other') break;
    if (piece.kind === 'digit') {
      digits.push({ value: piece.value, start: at, end: at + piece.length, after });
      after = 'digit';
      at += piece.length;
      end = at;
      continue;
    }
    // Two blanks, or a dot and a blank, part two numbers; zero-width ones come in any number.
    if (after !== 'digit' && !(after === 'separator' && piece.length > 1)) break;
    after = piece.kind === 'dot' ? 'dot' : 'separator';
    at += piece.length;
  }
  return { digits, end };
}
