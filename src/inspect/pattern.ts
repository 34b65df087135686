import { RE2JS } from 're2js';

/** A compiled pattern; both tests take time linear in the text. */
export interface Pattern {
  readonly source: string;
  /** Whether some part of the text matches. */
  test(text: string): boolean;
  /** Whether the whole text matches. */
  matches(text: string): boolean;
  /** Where it matches from a place on, from left to right, without empty matches: [start, end). */
  spans(text: string, from: number): Iterable<readonly [start: number, end: number]>;
}

/** A pattern, or a message for people why it is none. */
type Compiled = { readonly pattern: Pattern } | { readonly problem: string };

// ECMAScript's white space and what is not; RE2 knows only the ASCII part of it.
const space = '\\t-\\r\\x{20}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}';
const notSpace =
  '\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}' +
  '\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}';
const token = /\\.|[[\].]/gs;
const surrogateEscape = /\\u[dD][89a-fA-F]/;

/** Says in RE2's words what the pattern means in ECMAScript's. */
function translate(source: string): string {
  let inClass = false;
  const widened = source.replace(token, (piece) => {
    if (piece === '[' || piece === ']') {
      // A bracket inside a class is a plain one, and RE2 would take "[[:" for the start of a named class.
      if (piece === '[' && inClass) return '\\[';
      inClass = piece === '[';
      return piece;
    }
    if (piece === '\\s') return inClass ? space : `[${space}]`;
    if (piece === '\\S') return inClass ? notSpace : `[${notSpace}]`;
    return piece === '.' && !inClass ? '[^\\n\\r\\x{2028}\\x{2029}]' : piece;
  });
  return RE2JS.translateRegExp(widened);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Compiles a pattern in the syntax of ECMAScript (flag u) for a linear-time engine: without look-around and
 * back-references, repeats at most 1000 times. Never throws.
 */
export function compilePattern(source: string): Compiled {
  if (surrogateEscape.test(source))
    return { problem: 'write characters beyond U+FFFF as \\u{…}, not as two surrogates' };
  try {
    new RegExp(source, 'u');
    const engine = RE2JS.compile(translate(source));
    return {
      pattern: Object.freeze({
        source,
        test: (text: string) => engine.test(text),
        matches: (text: string) => engine.testExact(text),
        spans: function* (text: string, from: number) {
          const matcher = engine.matcher(text);
          for (let found = matcher.find(from); found; found = matcher.find()) {
            const [start, end] = [matcher.start(), matcher.end()];
            if (end > start) yield [start, end] as const;
          }
        },
      }),
    };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
