import { dirname } from 'node:path';
import type { SourceFile } from '../../core/build.ts';
import { fileReader } from '../files/reader.ts';
import { createSourceFiles } from '../files/source-files.ts';
import { type Issue, shownFile } from '../issue.ts';

/** A file that is read without the config that names it. */
interface LoneFile {
  /** Undefined when it cannot be read. */
  readonly source: SourceFile | undefined;
  /** All issues so far, of the file itself. */
  readonly issues: readonly Issue[];
}

/** Opens a file by its absolute path. */
export function openLoneFile(file: string): LoneFile {
  const issues: Issue[] = [];
  const { context } = createSourceFiles({
    baseDir: dirname(file),
    shown: shownFile(file),
    document: { locate: () => ({ line: 1, col: 1 }), substituted: () => false },
    report: (issue) => issues.push(issue),
    reader: fileReader,
    cwd: process.cwd(),
  });
  return { source: context.file(file), issues };
}
