import { isUtf8 } from 'node:buffer';

/** Bytes as text: UTF-8 where they are that, else one character for each byte (Latin-1), so that none is lost. */
export const textOf = (bytes: Uint8Array): string => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString(isUtf8(buffer) ? 'utf8' : 'latin1');
};

/** The bytes of a text in UTF-8, one character for each: what a pattern looks at that names bytes from \x80 on. */
export const byteView = (text: string): string => {
  for (let at = 0; at < text.length; at += 1)
    if (text.charCodeAt(at) > 0x7f) return Buffer.from(text, 'utf8').toString('latin1');
  return text;
};

/** The value of a hexadecimal digit's code; -1 when it is none. */
export function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const folded = code | 0x20;
  return folded >= 0x61 && folded <= 0x66 ? folded - 0x57 : -1;
}

/** The number in so many hexadecimal digits from a place on; -1 when one of them is none. */
export function hexNumber(text: string, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index += 1) {
    const digit = index < text.length ? hexValue(text.charCodeAt(index)) : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** A code point as text; the full-width forms of ASCII (U+FF01 to U+FF5E) as what they look like. Surrogates stay single. */
export function characterOf(code: number): string {
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
