/** The kinds of tokens that the shapes of SQL are made of. */
type SqlKind =
  | 'word'
  | 'number'
  | 'string'
  | 'variable'
  | 'operator'
  | 'comma'
  | 'open'
  | 'close'
  | 'semicolon'
  | 'dot'
  | 'comment'
  | 'other';

/** One token, in lower case. */
export interface SqlToken {
  readonly kind: SqlKind;
  /** A string without its quotes, a comment without its marks. */
  readonly text: string;
  /** A string that ends in a quote, a comment that ends before the text does. */
  readonly ended: boolean;
  /** The quote of a string, else empty. */
  readonly mark: string;
  /** White space or a comment stands before it. */
  readonly apart: boolean;
}

/** More tokens than a value that injects needs: what is beyond is not looked at by shapes, only by patterns. */
const mostTokens = 4096;

const space = /[\s\0\u00a0]+/y;
const hexadecimal = /0(?:x[0-9a-f]+|b[01]+)(?![\w])/y;
const number = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?/y;
const wordStart = /[\p{L}_]/uy;
const plainWord = /[a-z_][a-z0-9_$]*/y;
const word = /[\p{L}\p{M}\p{N}_$]+/uy;
const variable = /@{1,2}(?:`[^`]*`|[\w.$]*)/y;
const operator = /<=>|<>|<=|>=|!=|!<|!>|==|:=|&&|\|\||<<|>>|::|->>|->|[=<>+\-*/%^~!&|]/y;
const versioned = /\/\*!(?:[0-9]{0,6})/y;
/** A comment of a word alone, that a line break ends. */
const lineEnded = /--[\w]*\r?\n/y;
const bracketed = /\[[\w .$-]{1,64}\]/y;
const dollarQuote = /\$[a-z_]{0,16}\$/y;
/** Words that may stand right before a number's end: "1or", "2union". */
const glued =
  /(?:x?or|and|union|order|group|having|like|limit|is|in|between|from|where|r?like|regexp|div|mod|into)(?![\w$])/y;
/** Words after which a quote opens a string, though nothing stands between. */
const beforeQuote =
  /^(?:x?or|and|like|rlike|ilike|regexp|select|all|distinct|union|by|having|where|when|then|else|case|in|is|not|between|into|outfile|dumpfile|from|values|binary|div|mod|escape|uescape|as|n|x|b|e|r|q|_[a-z0-9]+)$/;

/** Reads on from a place in a text. */
interface Cursor {
  readonly text: string;
  at: number;
}

function take(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found === null || found[0] === '') return undefined;
  cursor.at += found[0].length;
  return found[0];
}

/** What stands up to the closing mark, which is skipped; a doubled mark or one after a backslash does not close. */
function quoted(cursor: Cursor, mark: string): Pick<SqlToken, 'text' | 'ended'> {
  const { text } = cursor;
  const start = cursor.at + 1;
  let at = start;
  while (at < text.length) {
    if (text[at] === '\\') at += 2;
    else if (text[at] !== mark) at += 1;
    else if (text[at + 1] === mark && text[at + 2] !== undefined) at += 2;
    else {
      cursor.at = at + 1;
      return { text: text.slice(start, at), ended: true };
    }
  }
  cursor.at = text.length;
  return { text: text.slice(start), ended: false };
}

function until(cursor: Cursor, skip: number, mark: string): Pick<SqlToken, 'text' | 'ended'> {
  const start = cursor.at + skip;
  const end = cursor.text.indexOf(mark, start);
  cursor.at = end < 0 ? cursor.text.length : end + mark.length;
  return { text: cursor.text.slice(start, end < 0 ? undefined : end), ended: end >= 0 };
}

type Read = Omit<SqlToken, 'apart' | 'mark'> & { readonly mark?: string };

function readNumber(cursor: Cursor): Read | undefined {
  const start = cursor.at;
  const found = take(cursor, hexadecimal) ?? take(cursor, number);
  if (found === undefined) return undefined;
  wordStart.lastIndex = cursor.at;
  glued.lastIndex = cursor.at;
  if (wordStart.test(cursor.text) && !glued.test(cursor.text) && !/[.e]/.test(found)) {
    // "24k", "3rd", "7up": a name, as most databases read it too.
    cursor.at = start;
    return { kind: 'word', text: take(cursor, word) ?? '', ended: true };
  }
  return { kind: 'number', text: found, ended: true };
}

function readWord(cursor: Cursor): Read | undefined {
  let text = take(cursor, plainWord) ?? '';
  wordStart.lastIndex = cursor.at;
  if ((cursor.text.charCodeAt(cursor.at) > 0x7f || text === '') && wordStart.test(cursor.text))
    text += take(cursor, word) ?? '';
  if (text === '') return undefined;
  // An apostrophe within a word: "don't", "O'Neil".
  while (/['’]/.test(cursor.text[cursor.at] ?? '') && !beforeQuote.test(text)) {
    const start = cursor.at;
    cursor.at += 1;
    const rest = take(cursor, word);
    if (rest === undefined) {
      cursor.at = start;
      break;
    }
    text += `'${rest}`;
  }
  return { kind: 'word', text, ended: true };
}

/** Comments: of a line, or within marks. Undefined where there is none. */
function readComment(cursor: Cursor, afterBreak: boolean): Read | undefined {
  const { text, at } = cursor;
  if (text[at] === '#') return { kind: 'comment', ...until(cursor, 1, '\n') };
  if (text.startsWith('/*', at)) return { kind: 'comment', ...until(cursor, 2, '*/') };
  if (!text.startsWith('--', at)) return undefined;
  lineEnded.lastIndex = at;
  return afterBreak || /[\s\0-]/.test(text[at + 2] ?? ' ') || lineEnded.test(text)
    ? { kind: 'comment', ...until(cursor, 2, '\n') }
    : undefined;
}

const marks: ReadonlyMap<string, SqlKind> = new Map([
  [',', 'comma'],
  ['(', 'open'],
  [')', 'close'],
  ['{', 'open'],
  ['}', 'close'],
  [';', 'semicolon'],
  ['.', 'dot'],
]);

function readMark(cursor: Cursor): Read {
  const text = cursor.text[cursor.at] ?? '';
  const kind = marks.get(text);
  const operation = kind === undefined ? take(cursor, operator) : undefined;
  if (operation !== undefined) return { kind: 'operator', text: operation, ended: true };
  cursor.at += 1;
  return { kind: kind ?? 'other', text, ended: true };
}

function readToken(cursor: Cursor, afterBreak: boolean): Read {
  const first = cursor.text[cursor.at] ?? '';
  if (first === "'" || first === '"') return { kind: 'string', mark: first, ...quoted(cursor, first) };
  if (first === '`') return { kind: 'word', ...quoted(cursor, first) };
  if (first === '@') return { kind: 'variable', text: take(cursor, variable) ?? '', ended: true };
  if (first === '[') {
    const name = take(cursor, bracketed);
    if (name !== undefined) return { kind: 'word', text: name, ended: true };
  }
  if (first === '$') {
    const mark = take(cursor, dollarQuote);
    if (mark !== undefined) return { kind: 'string', ...until(cursor, 0, mark) };
  }
  if (first === '#' || first === '/' || first === '-') return readComment(cursor, afterBreak) ?? readMark(cursor);
  if ((first >= '0' && first <= '9') || first === '.') return readNumber(cursor) ?? readMark(cursor);
  return readWord(cursor) ?? readMark(cursor);
}

const isWordCode = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || code === 0x5f || (code >= 0x30 && code <= 0x39) || code === 0x24;

/** Where a plain word ends that begins at a place: most of a text is made of them. -1: there is none, or it goes on in another way. */
function plainWordEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first !== 0x5f && !(first >= 0x61 && first <= 0x7a)) return -1;
  let end = at + 1;
  while (end < text.length && isWordCode(text.charCodeAt(end))) end += 1;
  const next = end < text.length ? text.charCodeAt(end) : 0;
  return next === 0x27 || next > 0x7f ? -1 : end;
}

/**
 * The tokens of a text in lower case, in linear time. What a database skips stands as "apart" of the next token: white space and
 * comments within marks; what MySQL runs although it stands in a comment is read. afterBreak: the text stands behind a quote that
 * ended a string, so that "--" surely begins a comment.
 */
export function sqlTokens(text: string, afterBreak: boolean): readonly SqlToken[] {
  const cursor: Cursor = { text, at: 0 };
  const tokens: SqlToken[] = [];
  let apart = false;
  while (cursor.at < text.length && tokens.length < mostTokens) {
    const wordEnd = plainWordEnd(text, cursor.at);
    if (wordEnd >= 0) {
      tokens.push({ kind: 'word', text: text.slice(cursor.at, wordEnd), ended: true, mark: '', apart });
      cursor.at = wordEnd;
      apart = false;
      continue;
    }
    const first = text[cursor.at];
    if (first === ' ') {
      cursor.at += 1;
      apart = true;
      continue;
    }
    if (take(cursor, space) !== undefined || (first === '/' && take(cursor, versioned) !== undefined)) {
      apart = true;
      continue;
    }
    if (first === '*' && text[cursor.at + 1] === '/') {
      cursor.at += 2;
      apart = true;
      continue;
    }
    const token = readToken(cursor, afterBreak);
    const within = token.kind === 'comment' && token.ended && cursor.at < text.length;
    if (!within) tokens.push({ mark: '', ...token, apart });
    apart = within;
  }
  return tokens;
}
