import type { SourceFile } from '../../../core/build.ts';

/** A place in a file, for issues and for what is listed as not supported. */
export interface Place {
  readonly file: SourceFile;
  /** Counted from 1: the first line of the directive. */
  readonly line: number;
}

/** One directive as it is written, its continued lines joined. */
export interface LogicalLine extends Place {
  readonly text: string;
}

/** The directives of a file: lines that end with a backslash go on, blank lines and comments are left out. */
export function readLines(file: SourceFile): readonly LogicalLine[] {
  const lines: LogicalLine[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [index, raw] of file.text.replace(/\n$/, '').split('\n').entries()) {
    const text = raw.trim();
    if (open === undefined && (text === '' || text.startsWith('#'))) continue;
    open ??= { line: index + 1, text: '' };
    const continues = text.endsWith('\\');
    open.text += continues ? text.slice(0, -1) : text;
    if (continues) continue;
    lines.push({ file, ...open });
    open = undefined;
  }
  if (open !== undefined) {
    file.issueAt(open.line, 'the directive ends with a backslash, but no line follows');
    lines.push({ file, ...open });
  }
  return lines;
}

/** Where a word that begins with a quotation mark ends: the index of the closing one, -1 without it. A backslash takes the next character along. */
function closing(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

/**
 * The words of a directive, with quotation marks taken off. An escaped quotation mark becomes a plain one; every other
 * backslash stays, for it belongs to a pattern. Undefined when a quotation mark is not closed or text stands right behind it.
 */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    const first = text[at] ?? '';
    if (/\s/.test(first)) {
      at++;
      continue;
    }
    const quoted = first === '"' || first === "'";
    const space = text.slice(at).search(/\s/);
    const end = quoted ? closing(text, at + 1, first) : space < 0 ? text.length : at + space;
    if (end < 0) return undefined;
    words.push(quoted ? text.slice(at + 1, end).replaceAll(`\\${first}`, first) : text.slice(at, end));
    at = quoted ? end + 1 : end;
    if (quoted && at < text.length && !/\s/.test(text[at] ?? '')) return undefined;
  }
  return words;
}

/** One action of a rule, like `id:1` or `setvar:'tx.a=1'`: its name in lower case, and what follows the colon. */
export interface Action {
  readonly name: string;
  /** Empty when there is none. */
  readonly value: string;
}

/** The actions of a list with commas between; values may stand in single quotation marks. Undefined when one is not closed. */
export function splitActions(text: string): readonly Action[] | undefined {
  const actions: Action[] = [];
  let at = 0;
  while (at < text.length) {
    const comma = text.indexOf(',', at);
    const colon = text.indexOf(':', at);
    const bare = colon < 0 || (comma >= 0 && comma < colon);
    const nameEnd = bare ? (comma < 0 ? text.length : comma) : colon;
    const name = text.slice(at, nameEnd).trim().toLowerCase();
    let value = '';
    at = nameEnd;
    if (!bare) {
      at += 1 + (text.slice(nameEnd + 1).length - text.slice(nameEnd + 1).trimStart().length);
      const quoted = text[at] === "'";
      const stop = text.indexOf(',', at);
      const end = quoted ? closing(text, at + 1, "'") : stop < 0 ? text.length : stop;
      if (end < 0) return undefined;
      value = quoted ? text.slice(at + 1, end).replaceAll("\\'", "'") : text.slice(at, end).trim();
      at = quoted ? end + 1 : end;
    }
    if (name !== '') actions.push({ name, value });
    const rest = text.slice(at);
    const next = rest.trimStart();
    if (next !== '' && !next.startsWith(',')) return undefined;
    at += rest.length - next.length + 1;
  }
  return actions;
}
