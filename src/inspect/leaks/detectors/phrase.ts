import { type Judged, type LiteralDetector, latin1, more, none, type Window } from '../detector.ts';

/** A phrase, and what must follow it; without that the phrase alone is enough. */
interface Phrase {
  readonly text: string;
  readonly followedBy?: RegExp;
}

/** How much of a line is looked at and hidden. */
const mostBytes = 2000;
// The end of a line, also of an escaped one, of a JSON string, or of the text of an element.
const lineEnd = /[\r\n"<]|\\[nr"]/;

/** A detector of phrases that programs say when they fail: a match is the rest of the line, at most 2,000 bytes. */
export function phrases(list: readonly Phrase[]): LiteralDetector {
  const judge = ({ bytes, last }: Window, start: number): Judged => {
    const text = latin1(bytes, start, start + mostBytes);
    const length = text.search(lineEnd);
    const line = length < 0 ? text : text.slice(0, length);
    const whole = length >= 0 || last || text.length === mostBytes;
    let open = none;
    for (const phrase of list) {
      if (line.startsWith(phrase.text)) {
        if (phrase.followedBy === undefined ? whole : phrase.followedBy.test(line.slice(phrase.text.length)))
          return whole ? { kind: 'match', start, end: start + line.length } : more;
        if (!whole) open = more;
      } else if (!whole && phrase.text.startsWith(line)) open = more;
    }
    return open;
  };
  return Object.freeze({ on: 'literal', triggers: list.map(({ text }) => text), judge });
}
