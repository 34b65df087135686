import { type Judged, type LiteralDetector, latin1, more, none, type Window } from '../detector.ts';

/** A phrase, and what must follow it; without that the phrase alone is enough. */
interface Phrase {
  readonly text: string;
  readonly followedBy?: RegExp;
}

/** How much of a line says whether it is one, and how much is hidden of it. */
const mostHead = 480;
const mostBytes = 2000;
// The end of a line, also of an escaped one, of a JSON string, or of the text of an element.
const lineEnd = /[\r\n"<]|\\[nr"]/;

/** The line from a place on, so many bytes at most; whole: no more of it is to come. */
function lineAt(
  { bytes, last }: Window,
  start: number,
  most: number,
): { readonly line: string; readonly whole: boolean } {
  const text = latin1(bytes, start, start + most);
  const length = text.search(lineEnd);
  return length < 0
    ? { line: text, whole: last || text.length === most }
    : { line: text.slice(0, length), whole: true };
}

function matchLine(window: Window, start: number): Judged {
  const { line, whole } = lineAt(window, start, mostBytes);
  return whole ? { kind: 'match', start, end: start + line.length } : more;
}

/** A detector of phrases that programs say when they fail: a match is the rest of the line, at most 2,000 bytes. */
export function phrases(list: readonly Phrase[]): LiteralDetector {
  const judge = (window: Window, start: number): Judged => {
    const { line, whole } = lineAt(window, start, mostHead);
    let open = none;
    for (const { text, followedBy } of list) {
      const known = line.startsWith(text) && (followedBy?.test(line.slice(text.length)) ?? true);
      if (known) return whole ? matchLine(window, start) : more;
      if (!whole && (line.startsWith(text) || text.startsWith(line))) open = more;
    }
    return open;
  };
  return Object.freeze({ on: 'literal', triggers: list.map(({ text }) => text), judge });
}
