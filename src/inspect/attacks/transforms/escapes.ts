import { characterOf, hexNumber, hexValue } from './bytes.ts';

const named: Readonly<Record<string, string>> = Object.freeze({
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
});

/** What an escape stands for and how long it is with its backslash; undefined when it is none. */
type ReadEscape = (text: string, at: number) => { readonly says: string; readonly length: number } | undefined;

function replaceEscapes(text: string, read: ReadEscape): string {
  let at = text.indexOf('\\');
  if (at < 0) return text;
  let decoded = '';
  let from = 0;
  while (at >= 0) {
    const found = read(text, at);
    const length = found?.length ?? 1;
    if (found !== undefined) {
      decoded += text.slice(from, at) + found.says;
      from = at + length;
    }
    at = text.indexOf('\\', at + length);
  }
  return decoded + text.slice(from);
}

const octalAt = (text: string, at: number, most: number): string => {
  let digits = '';
  while (digits.length < most && /^[0-7]$/.test(text.charAt(at + digits.length)))
    digits += text.charAt(at + digits.length);
  return digits.length === 3 && digits > '377' ? digits.slice(0, 2) : digits;
};

function numbered(text: string, at: number, letter: string): ReturnType<ReadEscape> {
  if (letter === 'x') {
    const code = hexNumber(text, at + 2, 2);
    return code < 0 ? undefined : { says: characterOf(code), length: 4 };
  }
  const digits = octalAt(text, at + 1, 3);
  return digits === '' ? undefined : { says: characterOf(Number.parseInt(digits, 8)), length: 1 + digits.length };
}

function unicodeEscape(text: string, at: number): ReturnType<ReadEscape> {
  const code = hexNumber(text, at + 2, 4);
  if (code >= 0) return { says: characterOf(code), length: 6 };
  const [braced, digits] = /^\{0{0,8}([0-9a-fA-F]{1,6})\}/.exec(text.slice(at + 2, at + 20)) ?? [];
  if (braced === undefined || digits === undefined) return undefined;
  return { says: characterOf(Number.parseInt(digits, 16)), length: 2 + braced.length };
}

/** The escapes of JavaScript's strings: \uXXXX, \u{…}, \xXX, \OOO and the letters; before anything else the backslash goes. */
export const jsDecode = (text: string): string =>
  replaceEscapes(text, (whole, at) => {
    const letter = whole.charAt(at + 1);
    if (letter === '') return undefined;
    const number = letter === 'u' ? unicodeEscape(whole, at) : numbered(whole, at, letter);
    return number ?? { says: named[letter] ?? letter, length: 2 };
  });

const ansiSigns = new Set(['\\', '?', "'", '"']);

/** The escapes of C (ANSI X3.159): \a \b \f \n \r \t \v \\ \? \' \" \xHH \OOO; what is none of them stays. */
export const escapeSeqDecode = (text: string): string =>
  replaceEscapes(text, (whole, at) => {
    const letter = whole.charAt(at + 1);
    if (ansiSigns.has(letter)) return { says: letter, length: 2 };
    const says = named[letter];
    return says === undefined ? numbered(whole, at, letter) : { says, length: 2 };
  });

/** The escapes of CSS 2 (section 4.1.3): up to six hexadecimal digits and one blank; before anything else the backslash goes. */
export const cssDecode = (text: string): string =>
  replaceEscapes(text, (whole, at) => {
    let digits = 0;
    while (digits < 6 && at + 1 + digits < whole.length && hexValue(whole.charCodeAt(at + 1 + digits)) >= 0)
      digits += 1;
    if (digits === 0) {
      const letter = whole.charAt(at + 1);
      return { says: letter === '\n' ? '' : letter, length: 2 };
    }
    const code = hexNumber(whole, at + 1, digits);
    const blank = /^[ \t\n\f\r]$/.test(whole.charAt(at + 1 + digits)) ? 1 : 0;
    // Full-width forms are what they look like; of anything else beyond one byte the last one counts.
    const wide = code >= 0xff01 && code <= 0xff5e;
    return { says: characterOf(wide ? code : code & 0xff), length: 1 + digits + blank };
  });

const entities: Readonly<Record<string, string>> = Object.freeze({
  quot: '"',
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  apos: "'",
  colon: ':',
  lpar: '(',
  rpar: ')',
  sol: '/',
  bsol: '\\',
  equals: '=',
  grave: '`',
  tab: '\t',
  newline: '\n',
  semi: ';',
  comma: ',',
  period: '.',
  num: '#',
  excl: '!',
  quest: '?',
  dollar: '$',
  lbrace: '{',
  rbrace: '}',
  lbrack: '[',
  rbrack: ']',
});

const entity = /&(?:#[xX]0*([0-9a-fA-F]{1,6});?|#0*([0-9]{1,7});?|(quot|amp|lt|gt|nbsp);?|([a-zA-Z]{3,8});)/gi;

/** HTML's character references: numbers with or without a semicolon, and the names that matter in markup and script. */
export const htmlEntityDecode = (text: string): string =>
  text.includes('&')
    ? text.replace(entity, (whole, hex?: string, decimal?: string, bare?: string, name?: string) => {
        if (hex !== undefined) return characterOf(Number.parseInt(hex, 16));
        if (decimal !== undefined) return characterOf(Number(decimal));
        const known = (bare ?? name ?? '').toLowerCase();
        return Object.hasOwn(entities, known) ? (entities[known] ?? whole) : whole;
      })
    : text;
