import type { Window } from './detector.ts';

/** What stands at a place, to one who reads numbers: as a digit, or between digits. */
export interface Piece {
  /** cut: it cannot be told before more bytes have come. */
  readonly kind: 'digit' | 'dot' | 'separator' | 'other' | 'cut';
  /** In bytes; 0 of other and cut. */
  readonly length: number;
  /** Of a digit. */
  readonly value: number;
  /** Whether several of it in a row are as good as one: blanks and hyphens of Unicode, some of which nobody sees. */
  readonly repeats: boolean;
}

const other: Piece = Object.freeze({ kind: 'other', length: 0, value: 0, repeats: false });
const cut: Piece = Object.freeze({ ...other, kind: 'cut' });

const backslash = 0x5c;
const percent = 0x25;
const gaps = new Set(Array.from(' \t-/_+', (letter) => letter.charCodeAt(0)));

function pieceOfCode(code: number, length: number): Piece {
  if (code >= 0x30 && code <= 0x39) return { kind: 'digit', length, value: code - 0x30, repeats: false };
  if (code >= 0xff10 && code <= 0xff19) return { kind: 'digit', length, value: code - 0xff10, repeats: false };
  if (code === 0x2e) return { kind: 'dot', length, value: 0, repeats: false };
  if (gaps.has(code)) return { kind: 'separator', length, value: 0, repeats: false };
  // Unicode's general punctuation, zero-width characters included, the no-break spaces, the byte order mark.
  const blank = code === 0xa0 || (code >= 0x2000 && code <= 0x2015) || [0x202f, 0x2060, 0xfeff].includes(code);
  return blank ? { kind: 'separator', length, value: 0, repeats: true } : other;
}

const plain: readonly Piece[] = Array.from({ length: 0x80 }, (_, code) => Object.freeze(pieceOfCode(code, 1)));

/** The value of hexadecimal digits; -1 where one is none. */
function hexValue(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    const small = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30;
    else if (small >= 0x61 && small <= 0x66) value = value * 16 + small - 0x57;
    else return -1;
  }
  return value;
}

// JSON: \u0034, \/ and \t.
function afterBackslash({ bytes, last }: Window, at: number): Piece {
  const letter = bytes[at + 1];
  if (letter === undefined) return last ? other : cut;
  if (letter === 0x2f || letter === 0x74) return pieceOfCode(0x2f, 2);
  if (letter !== 0x75) return other;
  if (at + 6 > bytes.length) return last ? other : cut;
  return pieceOfCode(hexValue(bytes, at + 2, at + 6), 6);
}

// Forms and URLs: %20.
function afterPercent({ bytes, last }: Window, at: number): Piece {
  if (at + 3 > bytes.length) return last ? other : cut;
  const code = hexValue(bytes, at + 1, at + 3);
  return code < 0x80 ? pieceOfCode(code, 3) : other;
}

function multibyte({ bytes, last }: Window, at: number, first: number): Piece {
  const length = first < 0xe0 ? 2 : 3;
  if (at + length > bytes.length) return last ? other : cut;
  const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]];
  const code =
    length === 2 ? ((first & 31) << 6) | (second & 63) : ((first & 15) << 12) | ((second & 63) << 6) | (third & 63);
  return pieceOfCode(code, length);
}

/** The first bytes of pieces that are more than one byte long: U+00A0, U+2000 to U+2060, wide digits, escapes. */
export const longPieceStarts: readonly number[] = Object.freeze([0xc2, 0xe2, 0xef, backslash, percent]);

/** The piece that begins there. */
export function pieceAt(window: Window, at: number): Piece {
  const byte = window.bytes[at];
  if (byte === undefined) return window.last ? other : cut;
  if (byte === backslash) return afterBackslash(window, at);
  if (byte === percent) return afterPercent(window, at);
  if (byte < 0x80) return plain[byte] ?? other;
  return longPieceStarts.includes(byte) ? multibyte(window, at, byte) : other;
}

const plainPieces = Uint8Array.from({ length: 256 }, (_, byte) => plain[byte]?.length ?? 0);

/** Whether the byte is a digit, or may stand alone between two. */
export const isPlainPiece = (byte: number | undefined): boolean => byte !== undefined && plainPieces[byte] === 1;

/** Whether the byte is an ASCII digit. */
export const isPlainDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
