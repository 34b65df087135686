import { hash } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { BuildContext, Path, SourceFile } from '../../core/build.ts';
import { formatPath, type Issue, type Note, shownFile } from '../issue.ts';
import { decodeText, type ParsedDocument, parseDocument, textProblem } from '../yaml/document.ts';
import { type Reader, readFailure } from './reader.ts';

/** What a build context stands on. */
interface ContextParts {
  /** The directory of the config file: names in it are relative to this. */
  readonly baseDir: string;
  /** The config file's name as issues show it. */
  readonly shown: string;
  readonly document: Pick<ParsedDocument, 'locate' | 'substituted'>;
  readonly report: (issue: Issue) => void;
  /** Default: nobody asks. */
  readonly note?: (note: Note) => void;
  readonly reader: Reader;
  readonly cwd: string;
}

/** The files of one load, each read once. */
interface SourceFiles {
  readonly context: BuildContext;
  /** Absolute paths of all files and directories that the config names, also of those that are missing. */
  readonly watched: () => readonly string[];
  /** The SHA-256 of every file that was read, by its name in the config, in the order of the names. */
  readonly digests: () => readonly (readonly [name: string, digest: string])[];
  /** The absolute path of a file that the config names; it is watched from now on. */
  readonly place: (name: string) => string;
  /**
   * Takes what somebody else has read of a file whose bytes are sound, and holds on to it until the release. The bytes are
   * read here only if they are asked for.
   */
  readonly adopt: (name: string, digest: string, read: object) => void;
  /** Takes it that somebody else has told all issues of a file: what it holds is not looked at any more. */
  readonly refuse: (name: string, digest: string) => void;
  /** Holds on to what has been made for the load until the release. */
  readonly hold: (made: object) => void;
  /** Lets go of what was read, for contexts live as long as what was built with them; a further look reads anew. */
  readonly release: () => void;
}

/** What is at hand of a file: bytes that are UTF-8, read already or when they are asked for. */
type Content = Pick<SourceFile, 'name' | 'digest' | 'bytes'>;

function openSource(
  content: Content,
  shown: string,
  { report, note }: Pick<ContextParts, 'report' | 'note'>,
  refused = false,
): SourceFile {
  let text: string | undefined;
  let parsed: ParsedDocument | undefined;
  const decode = (): string => {
    text ??= decodeText(content.bytes);
    return text;
  };
  const parse = (): ParsedDocument => {
    if (parsed !== undefined) return parsed;
    parsed = parseDocument(decode());
    for (const { path, ...rest } of parsed.problems) report({ file: shown, path: formatPath(path), ...rest });
    return parsed;
  };
  return {
    name: content.name,
    digest: content.digest,
    get bytes() {
      return content.bytes;
    },
    get text() {
      return decode();
    },
    document: () => (!refused && parse().problems.length === 0 ? parse().value : undefined),
    issue: (path, message) => report({ file: shown, ...parse().locate(path), path: formatPath(path), message }),
    issueAt: (line, message) => report({ file: shown, line, col: 1, path: '.', message }),
    noteAt: (line, message) => note?.({ file: shown, line, message }),
  };
}

function readSource(name: string, file: string, parts: ContextParts): SourceFile | string {
  const { reader, cwd } = parts;
  try {
    const bytes = reader.read(file);
    const problem = textProblem(bytes);
    if (problem !== undefined) return `the file ${JSON.stringify(name)} ${problem}`;
    return openSource({ name, digest: hash('sha256', bytes), bytes }, shownFile(file, cwd), parts);
  } catch (error) {
    return `cannot read the file ${JSON.stringify(name)}: ${readFailure(error)}`;
  }
}

function readNames(name: string, directory: string, { reader }: ContextParts): readonly string[] | string {
  try {
    // Names with a dot are what Kubernetes and editors keep beside the files that are meant.
    return reader
      .list(directory)
      .filter((entry) => !entry.startsWith('.'))
      .sort();
  } catch (error) {
    return `cannot read the directory ${JSON.stringify(name)}: ${readFailure(error)}`;
  }
}

/** A message without what it quotes, from the first quotation mark to the last: the value may hold some itself. */
const withoutQuotes = (message: string): string => message.replace(/".*"/s, '"…"');

/** Asks for each name once. */
const remembering =
  <T>(known: Map<string, T>, ask: (name: string) => T) =>
  (name: string): T => {
    const result = known.get(name) ?? ask(name);
    known.set(name, result);
    return result;
  };

/** Opens the files that a config names, and gives the context in which its kinds are built. */
export function createSourceFiles(parts: ContextParts): SourceFiles {
  const opened = new Map<string, SourceFile | string>();
  const adopted = new Set<object>();
  const watched = new Set<string>();
  const place = (name: string): string => {
    const path = resolve(parts.baseDir, name);
    watched.add(path);
    return path;
  };
  const open = remembering(opened, (name) => (name === '' ? 'names no file' : readSource(name, place(name), parts)));
  const list = remembering(new Map<string, readonly string[] | string>(), (name) =>
    name === '' ? 'names no directory' : readNames(name, place(name), parts),
  );

  const contextAt = (base: Path): BuildContext => {
    const issue = (path: Path, message: string): void => {
      const whole = [...base, ...path];
      const said = parts.document.substituted(whole) ? withoutQuotes(message) : message;
      parts.report({ file: parts.shown, ...parts.document.locate(whole), path: formatPath(whole), message: said });
    };
    const file = (name: string): SourceFile | undefined => {
      const result = open(name);
      if (typeof result !== 'string') return result;
      issue([], result);
      return undefined;
    };
    const directory = (name: string): readonly SourceFile[] | undefined => {
      const names = list(name);
      if (typeof names !== 'string') return names.flatMap((entry) => file(join(name, entry)) ?? []);
      issue([], names);
      return undefined;
    };
    const at = (...path: Path): BuildContext => contextAt([...base, ...path]);
    return { issue, at, file, directory, place: (name) => resolve(parts.baseDir, name) };
  };

  const digests = (): readonly (readonly [string, string])[] =>
    [...opened]
      .flatMap(([name, result]) => (typeof result === 'string' ? [] : [[name, result.digest] as const]))
      .sort(([a], [b]) => (a < b ? -1 : 1));

  const known = (name: string, digest: string, refused = false): SourceFile => {
    const file = place(name);
    const content = {
      name,
      digest,
      get bytes() {
        return parts.reader.read(file);
      },
    };
    parts.reader.note?.(file, digest);
    return openSource(content, shownFile(file, parts.cwd), parts, refused);
  };
  const adopt = (name: string, digest: string, read: object): void => {
    adopted.add(read);
    opened.set(name, known(name, digest));
  };
  const hold = (made: object): void => void adopted.add(made);
  const refuse = (name: string, digest: string): void => void opened.set(name, known(name, digest, true));
  const release = (): void => {
    opened.clear();
    adopted.clear();
  };
  return { context: contextAt([]), watched: () => [...watched], digests, place, adopt, refuse, hold, release };
}
