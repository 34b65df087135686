import { createHash } from 'node:crypto';
import type { Transform } from '../rule.ts';
import { cssDecode, escapeSeqDecode, htmlEntityDecode, jsDecode } from './escapes.ts';
import {
  base64Decode,
  hexDecode,
  hexEncode,
  sqlHexDecode,
  urlDecode,
  urlDecodeUni,
  urlEncode,
  utf8ToUnicode,
} from './percent.ts';
import {
  cmdLine,
  compressWhitespace,
  normalizePath,
  normalizePathWin,
  removeComments,
  removeCommentsChar,
  removeNulls,
  removeWhitespace,
  replaceComments,
  replaceNulls,
} from './shapes.ts';

const digest =
  (algorithm: 'md5' | 'sha1') =>
  (text: string): string =>
    createHash(algorithm).update(text, 'utf8').digest().toString('latin1');

/**
 * Every transformation, as ModSecurity's reference manual defines it, on text in place of bytes. Where nothing is to be
 * changed each gives the very text that it got; each takes time linear in it.
 */
export const transformations = Object.freeze({
  base64_decode: base64Decode,
  cmd_line: cmdLine,
  compress_whitespace: compressWhitespace,
  css_decode: cssDecode,
  escape_seq_decode: escapeSeqDecode,
  hex_decode: hexDecode,
  hex_encode: hexEncode,
  html_entity_decode: htmlEntityDecode,
  js_decode: jsDecode,
  length: (text) => String(Buffer.byteLength(text)),
  lowercase: (text) => text.toLowerCase(),
  md5: digest('md5'),
  normalize_path: normalizePath,
  normalize_path_win: normalizePathWin,
  remove_comments: removeComments,
  remove_comments_char: removeCommentsChar,
  remove_nulls: removeNulls,
  remove_whitespace: removeWhitespace,
  replace_comments: replaceComments,
  replace_nulls: replaceNulls,
  sha1: digest('sha1'),
  sql_hex_decode: sqlHexDecode,
  trim: (text) => text.trim(),
  unicode_normalize: (text) => text.normalize('NFKC'),
  uppercase: (text) => text.toUpperCase(),
  url_decode: urlDecode,
  url_decode_uni: urlDecodeUni,
  url_encode: urlEncode,
  utf8_to_unicode: utf8ToUnicode,
} as const satisfies Record<Transform, (text: string) => string>);
