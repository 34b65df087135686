import { characterOf, hexNumber, hexValue, textOf } from './bytes.ts';

/** The bytes of the longest row of %XX from a place on; empty when there is none. */
function bytesFrom(text: string, start: number): Uint8Array {
  const bytes: number[] = [];
  for (let at = start; text.charCodeAt(at) === 0x25; at += 3) {
    const value = hexNumber(text, at + 1, 2);
    if (value < 0) break;
    bytes.push(value);
  }
  return Uint8Array.from(bytes);
}

function decode(text: string, unicode: boolean): string {
  let decoded = '';
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x2b) {
      decoded += `${text.slice(from, at)} `;
      at += 1;
      from = at;
      continue;
    }
    if (code !== 0x25) {
      at += 1;
      continue;
    }
    const bytes = bytesFrom(text, at);
    const wide =
      unicode && bytes.length === 0 && (text.charCodeAt(at + 1) | 0x20) === 0x75 ? hexNumber(text, at + 2, 4) : -1;
    if (bytes.length === 0 && wide < 0) {
      at += 1;
      continue;
    }
    decoded += text.slice(from, at) + (bytes.length > 0 ? textOf(bytes) : characterOf(wide));
    at += bytes.length > 0 ? bytes.length * 3 : 6;
    from = at;
  }
  return decoded + text.slice(from);
}

const encoded = /[%+]/;

/** %XX and + as they stand in forms (application/x-www-form-urlencoded); what is not well formed stays. */
export const urlDecode = (text: string): string => (encoded.test(text) ? decode(text, false) : text);

/** The same, and %uXXXX as Microsoft's IIS takes it. */
export const urlDecodeUni = (text: string): string => (encoded.test(text) ? decode(text, true) : text);

const kept = /^[A-Za-z0-9*]$/;
const percentOf = (byte: number): string => {
  const character = String.fromCharCode(byte);
  if (kept.test(character)) return character;
  return byte === 0x20 ? '+' : `%${byte.toString(16).padStart(2, '0')}`;
};

/** Everything but letters, digits and the asterisk as %xx, a space as +. */
export const urlEncode = (text: string): string => Array.from(Buffer.from(text, 'utf8'), percentOf).join('');

/** Characters beyond ASCII as %uXXXX, in lower case, one for each unit of UTF-16. */
export const utf8ToUnicode = (text: string): string =>
  text.replace(/[^\0-\x7f]/g, (character) => `%u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Pairs of hexadecimal digits as bytes; what is no such pair ends it. */
export function hexDecode(text: string): string {
  const bytes: number[] = [];
  for (let at = 0; at + 1 < text.length; at += 2) {
    const [high, low] = [hexValue(text.charCodeAt(at)), hexValue(text.charCodeAt(at + 1))];
    if (high < 0 || low < 0) break;
    bytes.push(high * 16 + low);
  }
  return textOf(Uint8Array.from(bytes));
}

/** Bytes of UTF-8 as pairs of hexadecimal digits in lower case. */
export const hexEncode = (text: string): string => Buffer.from(text, 'utf8').toString('hex');

/** The same of a digest, each character of which is one byte. */
export const hexEncodeDigest = (digest: string): string => Buffer.from(digest, 'latin1').toString('hex');

/** MySQL's hexadecimal strings (0x616263) as what they say. */
export const sqlHexDecode = (text: string): string =>
  text.replace(/0[xX]((?:[0-9a-fA-F]{2})+)/g, (_, digits: string) => textOf(Buffer.from(digits, 'hex')));

/** Base64 (RFC 4648, also its URL-safe alphabet) up to the first character that is none of it. */
export function base64Decode(text: string): string {
  const [digits = ''] = /^[A-Za-z0-9+/_-]*/.exec(text) ?? [];
  return digits.length < 2 ? '' : textOf(Buffer.from(digits, 'base64'));
}
