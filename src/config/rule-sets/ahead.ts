import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CrsReading,
  crsKey,
  knownCrs,
  prepareSearch,
  takeCrs,
  type Wanted,
  wantedSearches,
} from '../../inspect/index.ts';
import { FileUnread } from '../aside/run.ts';
import { digestOf } from '../files/digest.ts';
import type { CompileAside } from './aside.ts';

/** Where rules of others are read, and who gives up on it. */
export interface RulesAhead {
  /** Undefined: nobody waits meanwhile, and the load compiles all of them itself. */
  readonly compileAside: CompileAside | undefined;
  readonly signal: AbortSignal;
}

/** What of a config says what is searched for. */
interface Searching {
  readonly protect?: unknown;
  readonly rules: readonly unknown[];
}

/** The files of the load that is read ahead of. */
interface LoadFiles {
  /** The absolute path of a file or directory that the config names. */
  place(name: string): string;
  /** Holds on to what has been made for the load until it is over. */
  hold(made: object): void;
}

/** The regular files of a directory as a load takes them; undefined when it cannot be read. */
async function filesIn(directory: string): Promise<readonly string[] | undefined> {
  const isFile = (file: string): Promise<boolean> =>
    stat(file).then(
      (status) => status.isFile(),
      () => false,
    );
  try {
    const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
    const files = names.map((name) => join(directory, name));
    const kept = await Promise.all(files.map(isFile));
    return files.filter((_, index) => kept[index]);
  } catch {
    return undefined;
  }
}

async function readDirectory(
  { dir, paranoia }: NonNullable<Wanted['crs']>,
  load: LoadFiles,
  { compileAside, signal }: { readonly compileAside: CompileAside; readonly signal: AbortSignal },
): Promise<CrsReading | undefined> {
  const files = dir === '' ? undefined : await filesIn(load.place(dir));
  if (files === undefined) return undefined;
  const named: { readonly name: string; readonly digest: string }[] = [];
  for (const name of files) {
    const digest = await digestOf(name);
    if (digest !== undefined) named.push({ name, digest });
  }
  return knownCrs(crsKey(named)) ?? takeCrs(await compileAside({ files, paranoia }, signal));
}

/**
 * Compiles what the rules of a config search for attacks with, so that the load finds it ready: directories of rules on a
 * thread, the searches a step at a time. What is known already is not looked at again, and what cannot be read is left for the
 * load, which sees why. Rejects only when the signal ends it.
 */
export async function compileRulesAhead(
  { protect, rules }: Searching,
  files: LoadFiles,
  { compileAside, signal }: RulesAhead,
): Promise<void> {
  if (compileAside === undefined) return;
  // One after the other: each takes memory for a while.
  for (const wanted of wantedSearches(protect, rules)) {
    try {
      const { crs } = wanted;
      const reading = crs && (await readDirectory(crs, files, { compileAside, signal }));
      if (crs === undefined || reading !== undefined) files.hold(await prepareSearch(wanted, reading, signal));
    } catch (error) {
      if (signal.aborted || !(error instanceof FileUnread)) throw error;
    }
  }
}
