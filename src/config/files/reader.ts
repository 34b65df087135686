import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ownPages } from '../../core/pages.ts';

/** How files are read at load; tests hand in their own. */
export interface Reader {
  /** The bytes of a file; throws what the file system throws, or a FileTooLarge. */
  read(file: string): Uint8Array;
  /** The names of the regular files of a directory, links followed; throws what the file system throws. */
  list(directory: string): readonly string[];
  /** Hears of a file that somebody else has read, and of the SHA-256 of its bytes, in hexadecimal. */
  note?(file: string, digest: string): void;
}

/** The largest file that is read: 64 MiB. */
export const maxFileBytes = 64 * 1024 ** 2;

/** A file is larger than what is read. */
class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
}

const chunkBytes = 64 * 1024;
const largeBytes = 1024 ** 2;

/** Reads to the end or to the cap, whatever size the file claims to have: a pipe or a device claims none. */
function readBounded(file: string): Uint8Array {
  const descriptor = openSync(file, 'r');
  try {
    const size = Math.min(fstatSync(descriptor).size, maxFileBytes) + chunkBytes;
    let bytes: Uint8Array = size < largeBytes ? new Uint8Array(size) : ownPages(size);
    let length = 0;
    for (;;) {
      if (length === bytes.length) bytes = Buffer.concat([bytes], 2 * length);
      const read = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (read === 0) return bytes.subarray(0, length);
      length += read;
      if (length > maxFileBytes) throw new FileTooLarge(file);
    }
  } finally {
    closeSync(descriptor);
  }
}

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** Reads from the file system, synchronously: a load is one snapshot and no request waits for it. */
export const fileReader: Reader = Object.freeze({
  read: readBounded,
  list: (directory: string) => readdirSync(directory).filter((name) => isFile(join(directory, name))),
});

const causes: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'it does not exist'],
  ['ENOTDIR', 'it is not a directory'],
  ['EISDIR', 'it is a directory'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ELOOP', 'its links go in a circle'],
  ['ENAMETOOLONG', 'its name is too long'],
]);

/** Why a file cannot be read, in plain words. */
export function readFailure(error: unknown): string {
  if (error instanceof FileTooLarge) return 'it is larger than 64 MiB';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return causes.get(code) ?? (typeof code === 'string' ? code : 'it cannot be read');
}
