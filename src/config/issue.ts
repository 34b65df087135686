import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Path } from '../core/build.ts';
import { visible } from '../core/printable.ts';

/** Something in a config that keeps it from being used, with its place. */
export interface Issue {
  /** As it is shown: relative to the working directory where it lies below it. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly col: number;
  /** Like `rules[2].match.path`; `.` is the document itself. */
  readonly path: string;
  /** One line of plain words, without secrets. */
  readonly message: string;
}

/** Something in a config that is worth knowing, and keeps nothing from being used. */
export type Note = Pick<Issue, 'file' | 'line' | 'message'>;

const plainName = /^[A-Za-z_][\w-]*$/;

/** A path as people read it: `rules[2].match.path`, `roles["a b"]`, and `.` for the root. */
export function formatPath(path: Path): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (plainName.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text === '' ? '.' : text;
}

/** One line: `file:line:col path message`. Terminals act on controls and format characters, so none reaches one. */
export function formatIssue(issue: Issue): string {
  return visible(`${issue.file}:${issue.line}:${issue.col} ${issue.path} ${issue.message}`);
}

/** One line: `file:line message`, as issues are shown. */
export const formatNote = (note: Note): string => visible(`${note.file}:${note.line} ${note.message}`);

/** A file's name for people: relative to the directory when it lies below it, else absolute. */
export function shownFile(file: string, cwd: string = process.cwd()): string {
  const short = relative(cwd, resolve(cwd, file));
  const outside = short === '' || short === '..' || short.startsWith(`..${sep}`) || isAbsolute(short);
  return outside ? resolve(cwd, file) : short;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The issues in the order of file, line and column, each once. */
export function sortIssues(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Map(issues.map((issue) => [formatIssue(issue), issue]));
  return [...seen.values()].sort(
    (a, b) =>
      byText(a.file, b.file) ||
      a.line - b.line ||
      a.col - b.col ||
      byText(a.path, b.path) ||
      byText(a.message, b.message),
  );
}

/** The notes in the order in which they were made, each once: rules that share a file say the same. */
export const distinctNotes = (notes: readonly Note[]): readonly Note[] => [
  ...new Map(notes.map((note) => [formatNote(note), note])).values(),
];
