import { type Mask, maskOfText } from '../gate/mask.ts';
import type { Transform } from '../rule.ts';

/** A step of a chain of transformations: bytes is our own, the text's bytes as characters. */
export type Step = Transform | 'bytes';

const blanks = ' \t\u0100';
const beyond = '\u0100';
const all = `azAZ09${blanks}\0!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`;

/** Characters of which a text must have one to be changed by a step; undefined: any text may be, also an empty one. */
const touched: Readonly<Record<Step, string | undefined>> = {
  base64_decode: all,
  bytes: beyond,
  cmd_line: `\\"'^,;A${blanks}`,
  compress_whitespace: blanks,
  css_decode: '\\',
  escape_seq_decode: '\\',
  hex_decode: all,
  hex_encode: all,
  html_entity_decode: '&',
  js_decode: '\\',
  length: undefined,
  lowercase: `A${beyond}`,
  md5: undefined,
  normalize_path: './',
  normalize_path_win: './\\',
  remove_comments: '*-#',
  remove_comments_char: '*-#',
  remove_nulls: '\0',
  remove_whitespace: blanks,
  replace_comments: '*',
  replace_nulls: '\0',
  sha1: undefined,
  sql_hex_decode: '0',
  trim: blanks,
  unicode_normalize: beyond,
  uppercase: `a${beyond}`,
  url_decode: '%+',
  url_decode_uni: '%+',
  url_encode: all,
  utf8_to_unicode: beyond,
};

/** The kinds of characters of which a text must have one to be changed by a step; undefined: any text may be. */
export function touchedBy(step: Step): Mask | undefined {
  const characters = touched[step];
  return characters === undefined ? undefined : maskOfText(characters);
}
