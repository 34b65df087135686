import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { BuildContext, Path } from '../core/build.ts';
import { fileReader, type Reader } from './files/reader.ts';
import { createSourceFiles } from './files/source-files.ts';
import { distinctNotes, formatPath, type Issue, type Note, shownFile, sortIssues } from './issue.ts';
import { prune } from './prune.ts';
import type { Shape, ShapeProblem } from './shape/schema.ts';
import type { ParsedDocument } from './yaml/document.ts';
import { type Environment, substituteFrom } from './yaml/environment.ts';
import { readDocument } from './yaml/read-document.ts';

/** What a load needs besides the file. */
interface LoadOptions {
  /** The compiled schema of the whole config. */
  readonly shape: Shape;
  /** Default: the process's environment. */
  readonly env?: Environment;
  /** Default: the file system. */
  readonly reader?: Reader;
  /** What file names in issues are relative to; default: the working directory. */
  readonly cwd?: string;
}

/** A config that was read: its building reports to the context, and its issues are complete only after that. */
export interface Loaded {
  /** Whether the text and the shape are good: only then may everything be built. */
  readonly ok: boolean;
  /** The config after substitution; undefined after a syntax error. */
  readonly config: unknown;
  readonly context: BuildContext;
  /**
   * Whether nothing at or below the path has an issue yet, unknown keys aside: of a config that is not ok, such parts may
   * still be built.
   */
  readonly sound: (path: Path) => boolean;
  /** All issues so far, in order. */
  readonly issues: () => readonly Issue[];
  /** What is worth knowing besides. */
  readonly notes: () => readonly Note[];
  /** Absolute paths of the config and of all that it names: what to watch, also after a failure. */
  readonly files: () => readonly string[];
  /** SHA-256, in hexadecimal, of the config after substitution and of every file that was read so far. */
  readonly fingerprint: () => string;
  /** What somebody who reads ahead of the building needs. */
  readonly sources: {
    place(name: string): string;
    adopt(name: string, digest: string, read: object): void;
    refuse(name: string, digest: string): void;
    hold(made: object): void;
    report(issue: Issue): void;
  };
  /** Lets go of what was read of other files, once everything has been built. */
  readonly release: () => void;
}

const begins = (path: Path, prefix: Path): boolean => prefix.every((segment, index) => path[index] === segment);

/** Where the text is at fault already, the shape has nothing to add. */
function checkShape(document: ParsedDocument, shape: Shape): readonly ShapeProblem[] {
  if (document.value === undefined) return [];
  const faults = document.problems.filter(({ path }) => path.length > 0);
  return shape
    .check(document.value, { concealed: document.substituted })
    .filter((problem) => !faults.some(({ path }) => begins(problem.path, path)));
}

/**
 * Reads a config: its text, its environment variables and its shape; every issue of these is there when it returns.
 *
 * Use: `const loaded = load(file, { shape })`, build with `loaded.config` and `loaded.context` when `loaded.ok`, then
 * refuse when `loaded.issues()` is not empty. Never throws for what stands in files.
 */
export function load(file: string, options: LoadOptions): Loaded {
  const { shape, env = process.env, reader = fileReader, cwd = process.cwd() } = options;
  const absolute = resolve(cwd, file);
  const shown = shownFile(file, cwd);
  const issues: Issue[] = [];
  const notes: Note[] = [];
  const document = readDocument(() => reader.read(absolute), substituteFrom(env));
  for (const { path, ...rest } of document.problems) issues.push({ file: shown, path: formatPath(path), ...rest });
  const problems = checkShape(document, shape);
  for (const { path, aim, message } of problems) {
    issues.push({ file: shown, ...document.locate(path, aim), path: formatPath(path), message });
  }
  const unknown = problems.filter(({ aim }) => aim === 'key').map(({ path }) => path);
  const unsound = [...document.problems, ...problems.filter(({ aim }) => aim !== 'key')];
  const report = (issue: Issue): void => void issues.push(issue);
  const note = (one: Note): void => void notes.push(one);
  const sources = createSourceFiles({ baseDir: dirname(absolute), shown, document, report, note, reader, cwd });
  const fingerprint = (): string => {
    const hash = createHash('sha256').update(JSON.stringify(document.value) ?? '');
    // The lengths of names keep them apart, so that no two sets of files look alike.
    for (const [name, digest] of sources.digests()) hash.update(`\n${Buffer.byteLength(name)} ${digest}\n${name}`);
    return hash.digest('hex');
  };
  return {
    ok: issues.length === 0,
    config: prune(document.value, unknown),
    context: sources.context,
    sound: (path) =>
      document.value !== undefined &&
      !unsound.some((problem) => begins(problem.path, path) || begins(path, problem.path)),
    issues: () => sortIssues(issues),
    notes: () => distinctNotes(notes),
    files: () => [absolute, ...sources.watched()],
    fingerprint,
    sources: { place: sources.place, adopt: sources.adopt, refuse: sources.refuse, hold: sources.hold, report },
    release: sources.release,
  };
}
