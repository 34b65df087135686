import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** One import of a source file. */
export interface Import {
  readonly specifier: string;
  /** The file it resolves to, from the project's root; undefined for packages. */
  readonly target: string | undefined;
}

/** A TypeScript file that git knows or would take. */
export interface Source {
  /** From the project's root. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g;

function importsOf(path: string, text: string): readonly Import[] {
  return [...text.matchAll(importPattern)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const relative = specifier.startsWith('.');
    return { specifier, target: relative ? normalize(join(dirname(path), specifier)) : undefined };
  });
}

/** Files that git tracks or would track, below the given folders. */
export function listFiles(...folders: readonly string[]): readonly string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', ...folders];
  return execFileSync('git', args, { encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '');
}

/** The hand-written TypeScript sources below the given folders. */
export function readSources(...folders: readonly string[]): readonly Source[] {
  return listFiles(...folders)
    .filter((path) => path.endsWith('.ts') && !path.startsWith('src/wire/gen/'))
    .map((path) => {
      const text = readFileSync(path, 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

/** Whether a file is a test rather than part of the house. */
export const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.startsWith('test/');
