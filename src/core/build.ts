/** Where in a document: member names and indexes from the root. */
export type Path = readonly (string | number)[];

/** A JSON Schema (2020-12) of options: validates the config and is published for editors. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Takes an issue at a place in what is being read. */
export type Report = (path: Path, message: string) => void;

/** A file that the config names, read at load. */
export interface SourceFile {
  /** As the config names it. */
  readonly name: string;
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly digest: string;
  readonly bytes: Uint8Array;
  /** The bytes as UTF-8, decoded when it is first asked for. */
  readonly text: string;
  /** Its content as strict YAML or JSON; undefined, with issues reported, when it is neither. */
  document(): unknown;
  /** Reports an issue at a place in this file. */
  issue(path: Path, message: string): void;
  /** Reports an issue at a line of this file, counted from 1. */
  issueAt(line: number, message: string): void;
  /** Tells at a line of this file what is worth knowing and no issue; absent where nobody asks. */
  readonly noteAt?: (line: number, message: string) => void;
}

/** What building a kind gets: a place to report to and the files that were read. */
export interface BuildContext {
  /** Reports an issue at a path below the options that are being built. A plan with issues is thrown away. */
  issue(path: Path, message: string): void;
  /** The same context for options further down. */
  at(...path: Path): BuildContext;
  /** The file that the option at this path names; undefined, with an issue reported, when it cannot be read. */
  file(name: string): SourceFile | undefined;
  /** The files of a directory that the config names, in the order of their names; undefined, with an issue reported, when it cannot be read. */
  directory(name: string): readonly SourceFile[] | undefined;
  /** The absolute path of a file or directory that the config names and that is not read now. */
  place(name: string): string;
}

/** A context for options that were built without issues before: it reports to nobody and has no files. */
export const silentContext: BuildContext = Object.freeze({
  issue: () => {},
  at: () => silentContext,
  file: () => undefined,
  directory: () => [],
  place: (name: string) => name,
});
