import { basename, relative } from 'node:path';
import type { Issue } from '../config/issue.ts';

/**
 * Issues of the files that only let a config be validated: those whose names begin with "placeholder.". They stand in a
 * repository where the secret would be, so that everybody can read them, and nobody may serve with them.
 */
export const placeholderIssues = (files: readonly string[]): readonly Issue[] =>
  files
    .filter((file) => basename(file).startsWith('placeholder.'))
    .map((file) => ({
      file: relative(process.cwd(), file),
      line: 1,
      col: 1,
      path: '.',
      message: 'is a placeholder that everybody can read: to serve, name a file with a secret of your own in its place',
    }));
