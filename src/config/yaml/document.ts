import { isUtf8 } from 'node:buffer';
import { type Document, LineCounter, parseAllDocuments, type YAMLError } from 'yaml';
import type { Path } from '../../core/build.ts';
import { type Converted, convert, type Place } from './conversion.ts';
import type { Substitute } from './environment.ts';

/** A line and a column, both counted from 1. */
interface Position {
  readonly line: number;
  readonly col: number;
}

/** A problem with its place in the document that has it. */
interface DocumentProblem extends Position {
  readonly path: Path;
  readonly message: string;
}

/** A YAML or JSON document with the places of its members. */
export interface ParsedDocument {
  /** Objects have no prototype. With problems it is only good for finding more of them, and undefined after a syntax error. */
  readonly value: unknown;
  readonly problems: readonly DocumentProblem[];
  /** Where a member stands, or its nearest ancestor that exists; key: the member's name rather than its value. */
  locate(path: Path, aim?: 'key' | 'value'): Position;
  /** Whether the value at the path came from the environment. */
  substituted(path: Path): boolean;
}

/** The largest document that is read: 4 MiB. */
export const maxDocumentBytes = 4 * 1024 ** 2;

// More do not help anybody: they are likely to come from the first.
const maxSyntaxProblems = 50;

const start: Position = Object.freeze({ line: 1, col: 1 });
const utf8 = new TextDecoder('utf-8', { fatal: true });
// What YAML 1.2 section 5.1 leaves out of c-printable.
const unprintable = /[^\P{Cc}\t\n\r\u0085]|[\ufffe\uffff]/u;

const words: ReadonlyMap<string, string> = new Map([
  ['BAD_INDENT', 'the indentation does not fit what stands above'],
  ['TAB_AS_INDENT', 'a tab is used for indentation; use spaces'],
  ['BLOCK_AS_IMPLICIT_KEY', 'a second ": " on the line; put the value in quotes'],
  ['BLOCK_IN_FLOW', 'a block stands inside { } or [ ]'],
  ['BAD_SCALAR_START', 'a value cannot begin with this character; put it in quotes'],
  ['BAD_DQ_ESCAPE', 'an unknown escape in double quotes; write \\\\ for a backslash, or use single quotes'],
  ['RESOURCE_EXHAUSTION', 'nested too deeply'],
  ['MULTILINE_IMPLICIT_KEY', 'a key goes over more than one line'],
]);

/** Why bytes are no text of ours: they are not UTF-8, or begin with a byte order mark; undefined when they are one. */
export function textProblem(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return 'is not UTF-8';
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? 'begins with a byte order mark; save it without one' : undefined;
}

/** The text of bytes that textProblem has nothing against. */
export const decodeText = (bytes: Uint8Array): string => utf8.decode(bytes);

/** A document that holds nothing but one problem. */
export function refusedDocument(message: string, position: Position = start): ParsedDocument {
  const problem = { ...position, path: [], message };
  return { value: undefined, problems: [problem], locate: () => start, substituted: () => false };
}

function wordsFor({ code, message }: YAMLError): string {
  if (code === 'BAD_INDENT' && message.startsWith('Flow')) {
    return 'a [ or { is not closed, or what it holds stands too far to the left';
  }
  return words.get(code) ?? `${message.slice(0, 1).toLowerCase()}${message.slice(1)}`;
}

/** The first error of each line: those that follow on it, and stray tokens after one, come from the first. */
function syntaxProblems(text: string, errors: readonly YAMLError[], lines: LineCounter): readonly DocumentProblem[] {
  const byLine = new Map<number, DocumentProblem>();
  let stray = false;
  for (const error of errors) {
    const isStray = error.message.includes('in YAML stream');
    if (isStray && (stray || byLine.size > 0)) continue;
    stray ||= isStray;
    const { line, col } = lines.linePos(error.pos[0]);
    if (byLine.size === maxSyntaxProblems) break;
    if (byLine.has(line)) continue;
    const said = wordsFor(error);
    // As far as people look: a hostile line must not make the pattern walk for long.
    const source =
      text
        .slice(Math.max(0, error.pos[0] - 200), error.pos[0] + 2)
        .split('\n')
        .at(-1) ?? '';
    const hint = /[[{,].*[^"'$]\$\{/.test(source) ? `; inside { } or [ ] put "\${…}" in quotes` : '';
    byLine.set(line, { line, col, path: [], message: `invalid YAML: ${said}${hint}` });
  }
  return [...byLine.values()];
}

function compose(text: string, lines: LineCounter): readonly Document.Parsed[] | undefined {
  try {
    const documents = parseAllDocuments(text, {
      lineCounter: lines,
      version: '1.2',
      schema: 'core',
      strict: true,
      merge: false,
      resolveKnownTags: false,
      prettyErrors: false,
      logLevel: 'silent',
      // The conversion looks for doubles itself: it knows their path, and it needs no quadratic time.
      uniqueKeys: false,
    });
    return 'empty' in documents ? [] : documents;
  } catch (error) {
    // The composer recurses; only a hostile depth gets here.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function find(root: Place, path: Path): { readonly place: Place; readonly whole: boolean } {
  let place = root;
  for (const segment of path) {
    const next = place.members.get(segment);
    if (next === undefined) return { place, whole: false };
    place = next;
  }
  return { place, whole: true };
}

function placed(converted: Converted, lines: LineCounter): ParsedDocument {
  const locate = (path: Path, aim: 'key' | 'value' = 'value'): Position => {
    const { place, whole } = find(converted.place, path);
    // A collection's first member is no good place for what the collection lacks: its name is.
    const offset = whole && aim === 'value' && place.scalar ? place.value : (place.key ?? place.value);
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), col: Math.max(col, 1) };
  };
  const problems = converted.problems.map(({ path, message, offset }) => {
    const { line, col } = lines.linePos(offset);
    return { path, message, line, col };
  });
  const substituted = (path: Path): boolean => {
    const { place, whole } = find(converted.place, path);
    return whole && place.substituted;
  };
  return { value: converted.value, problems, locate, substituted };
}

/**
 * Parses one YAML 1.2 document (core schema), or JSON, strictly, and reports every problem at once.
 *
 * Refused are: more than 4 MiB, characters that YAML does not print, more than one document, `%YAML` of another
 * version, tags, merge keys, keys that are no strings, stand twice or are `__proto__`, numbers that lose digits, more
 * than 64 levels, aliases that grow beyond 10,000 nodes or contain themselves. Never throws.
 */
export function parseDocument(text: string, substitute?: Substitute): ParsedDocument {
  if (Buffer.byteLength(text) > maxDocumentBytes) return refusedDocument('is larger than 4 MiB');
  const lines = new LineCounter();
  const documents = compose(text, lines);
  if (documents === undefined) return refusedDocument('invalid YAML: nested too deeply');
  const bad = unprintable.exec(text);
  if (bad !== null)
    return refusedDocument(
      'invalid YAML: a control character; write it as an escape in double quotes',
      lines.linePos(bad.index),
    );
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0) return { ...refusedDocument(''), problems: syntaxProblems(text, errors, lines) };
  const [document, second] = documents;
  if (document === undefined) return refusedDocument('is empty');
  if (second !== undefined) return refusedDocument('has more than one document', lines.linePos(second.range[0]));
  if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    return refusedDocument(`is marked as YAML ${document.directives.yaml.version}; only YAML 1.2 is read`);
  }
  return placed(convert(document.contents, substitute), lines);
}
