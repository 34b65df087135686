import { hash } from 'node:crypto';
import type { BuildContext, Path, SourceFile } from '../../src/core/build.ts';

/** A build context that keeps what is reported, for tests of single kinds. */
export interface RecordingContext {
  readonly context: BuildContext;
  /** "path message" of the options, "file:line message" of files. */
  readonly issues: readonly string[];
}

/** Opens a context over files that are given as texts. */
export function recordIssues(files: Readonly<Record<string, string>> = {}): RecordingContext {
  const issues: string[] = [];
  const contents = new Map(Object.entries(files));
  const at = (base: Path): BuildContext => {
    const issue = (path: Path, message: string): void => {
      issues.push(`${[...base, ...path].join('.')} ${message}`);
    };
    const file = (name: string): SourceFile | undefined => {
      const text = contents.get(name);
      if (text === undefined) {
        issue([], `cannot read ${name}`);
        return undefined;
      }
      return {
        name,
        digest: hash('sha256', text),
        bytes: Buffer.from(text),
        text,
        document: () => JSON.parse(text),
        issue: (path, message) => issues.push(`${name}:${path.join('.')} ${message}`),
        issueAt: (line, message) => issues.push(`${name}:${line} ${message}`),
      };
    };
    const directory = (name: string): readonly SourceFile[] | undefined => {
      const names = [...contents.keys()].filter((key) => key.startsWith(`${name}/`));
      if (names.length > 0) return names.flatMap((key) => file(key) ?? []);
      issue([], `cannot read the directory ${name}`);
      return undefined;
    };
    return { issue, at: (...path) => at([...base, ...path]), file, directory, place: (name) => name };
  };
  return { context: at([]), issues };
}
