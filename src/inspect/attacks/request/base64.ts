import { isUtf8 } from 'node:buffer';

// Shorter ones are words and ids; longer ones are files, whose texts nobody meant for an interpreter.
const [fewestDigits, mostDigits] = [11, 4096];
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The value of each character in either alphabet of RFC 4648, -1 for all others; a plus of a query is a blank by now. */
const digits = new Int8Array(128).fill(-1);
for (const [value, sign] of [...alphabet].entries()) digits[sign.charCodeAt(0)] = value;
for (const [sign, value] of Object.entries({ '+': 62, '-': 62, ' ': 62, '/': 63, _: 63 }))
  digits[sign.charCodeAt(0)] = value;

const isText = (byte: number): boolean => (byte >= 0x20 && byte !== 0x7f) || byte === 9 || byte === 10 || byte === 13;

/** How many bytes of a character are still to come behind a byte of UTF-8; -1: it cannot stand there in a text. */
function left(byte: number, awaited: number): number {
  if (awaited > 0) return byte >> 6 === 2 ? awaited - 1 : -1;
  if (byte < 0x80) return isText(byte) ? 0 : -1;
  if (byte < 0xc2 || byte > 0xf4) return -1;
  return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
}

/** Whether the first characters of a text are Base64 of what may be text. Most words end it at their first letters. */
function mayBeText(text: string, end: number): boolean {
  let bits = 0;
  let held = 0;
  let awaited = 0;
  for (let at = 0; at < end; at += 1) {
    const digit = digits[text.charCodeAt(at)] ?? -1;
    if (digit < 0) return false;
    bits = ((bits << 6) | digit) & 0xfff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    awaited = left((bits >> held) & 0xff, awaited);
    if (awaited < 0) return false;
  }
  return awaited === 0;
}

const control = /[^\P{Cc}\t\r\n]/u;

/**
 * The text that another one is Base64 of, padded or not. Undefined where the bytes are no text: ids and keys in this alphabet
 * hardly ever are.
 */
export function textInBase64(text: string): string | undefined {
  const end = text.length - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);
  if (end < fewestDigits || end > mostDigits || !mayBeText(text, end)) return undefined;
  const bytes = Buffer.from(text.replaceAll(' ', '+'), 'base64');
  if (!isUtf8(bytes)) return undefined;
  const decoded = bytes.toString('utf8');
  return control.test(decoded) ? undefined : decoded;
}
