const blanks = /[ \t\n\v\f\r\u00a0]+/g;
// A space alone stays what it is.
const compressible = /[\t\n\v\f\r\u00a0][ \t\n\v\f\r\u00a0]*| [ \t\n\v\f\r\u00a0]+/g;

/** Each row of blanks as one space. */
export const compressWhitespace = (text: string): string => text.replace(compressible, ' ');

/** No blank at all. */
export const removeWhitespace = (text: string): string => text.replace(blanks, '');

/** Without the NUL characters. */
export const removeNulls = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '') : text);

/** A space for each NUL character. */
export const replaceNulls = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', ' ') : text);

const signs = /[\\"'^]/g;

/**
 * What a shell would make of a command: without quotes, carets and backslashes, blanks, commas and semicolons as one space
 * and none before a slash or an opening parenthesis, in lower case.
 */
export const cmdLine = (text: string): string =>
  text
    .replace(signs, '')
    .replace(/[\t\n\v\f\r\u00a0,;][ \t\n\v\f\r\u00a0,;]*| [ \t\n\v\f\r\u00a0,;]+/g, ' ')
    .replace(/ ([/(])/g, '$1')
    .toLowerCase();

function cut(text: string, [opens, closes]: readonly [string, string], by: string): string {
  let start = text.indexOf(opens);
  if (start < 0) return text;
  let left = '';
  let from = 0;
  while (start >= 0) {
    left += text.slice(from, start) + by;
    const end = text.indexOf(closes, start + opens.length);
    if (end < 0) return left;
    from = end + closes.length;
    start = text.indexOf(opens, from);
  }
  return left + text.slice(from);
}

const block = ['/*', '*/'] as const;
const markup = ['<!--', '-->'] as const;

/** A space for each comment of C and SQL; one that is not closed goes to the end. */
export const replaceComments = (text: string): string => cut(text, block, ' ');

/** Without comments: of C and SQL, of HTML, and from -- or # to the end. */
export function removeComments(text: string): string {
  const left = cut(cut(text, block, ''), markup, '');
  const rest = left.search(/--|#/);
  return rest < 0 ? left : left.slice(0, rest);
}

/** Without the signs that open or close comments; what stands between them stays. */
export const removeCommentsChar = (text: string): string => text.replace(/\/\*|\*\/|<!--|-->|--|#/g, '');

/** A path without empty and self references, and each back reference with what it goes back from; a leading one stays. */
export function normalizePath(text: string): string {
  if (!/\/\/|(?:^|\/)\.\.?(?:\/|$)/.test(text)) return text;
  const absolute = text.startsWith('/');
  const parts = text.split('/');
  const last = parts.at(-1);
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (part !== '..' || !absolute) kept.push(part);
  }
  const directory = (last === '' || last === '.' || last === '..') && kept.length > 0 && kept.at(-1) !== '..';
  return `${absolute ? '/' : ''}${kept.join('/')}${directory ? '/' : ''}`;
}

/** The same, with backslashes taken for slashes. */
export const normalizePathWin = (text: string): string => normalizePath(text.replaceAll('\\', '/'));
