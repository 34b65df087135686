import { stat } from 'node:fs/promises';
import { type FileKeys, type KeyFiles, keysFileOf } from '../../authn/index.ts';
import { FileUnread } from '../aside/run.ts';
import { digestOf } from '../files/digest.ts';
import { maxFileBytes } from '../files/reader.ts';
import { type Issue, shownFile } from '../issue.ts';
import type { ReadAside } from './aside.ts';

/** What reading keys ahead goes by, and who gives up on it. */
export interface KeysAhead {
  readonly keyFiles: KeyFiles;
  readonly readAside: ReadAside;
  readonly signal: AbortSignal;
}

/** The files of the load that is read ahead of. */
interface LoadFiles {
  /** The absolute path of a file that the config names. */
  place(name: string): string;
  /** Takes what has been read of a file, and the SHA-256 of its bytes, in hexadecimal; holds on to it until the load is over. */
  adopt(name: string, digest: string, read: FileKeys): void;
  report(issue: Issue): void;
}

/** Smaller files cost a few milliseconds, less than a thread does. */
const smallBytes = 64 * 1024;

/**
 * Reads the large keys files that identities name by their options, so that the load finds the keys ready, and their issues
 * told. What cannot be read is left for the load, which sees why. Rejects only when the signal ends it.
 */
export async function readKeysAhead(identities: readonly unknown[], files: LoadFiles, ahead: KeysAhead): Promise<void> {
  const names = new Set(identities.flatMap((options) => keysFileOf(options) ?? []));
  // One after the other: each takes memory for a while.
  for (const name of names) await readOne(name, files, ahead);
}

async function readOne(name: string, files: LoadFiles, { keyFiles, readAside, signal }: KeysAhead): Promise<void> {
  const file = files.place(name);
  const size = await stat(file).then(
    (status) => status.size,
    () => 0,
  );
  const digest = size < smallBytes || size > maxFileBytes ? undefined : await digestOf(file);
  if (digest === undefined) return;
  const known = keyFiles.of({ name, digest });
  if (known.table !== undefined) return files.adopt(name, digest, known);
  try {
    const reading = await readAside(file, signal);
    if (reading === undefined) return;
    const keys = keyFiles.of({ name, digest: reading.digest });
    for (const issue of reading.issues) files.report(issue);
    if (reading.packed === undefined) keys.refuse();
    else keys.take(reading.packed);
    files.adopt(name, reading.digest, keys);
  } catch (error) {
    if (signal.aborted || !(error instanceof FileUnread)) throw error;
    files.report({ file: shownFile(file), line: 1, col: 1, path: '.', message: error.message });
    known.refuse();
    files.adopt(name, digest, known);
  }
}
