import { hash } from 'node:crypto';
import { digestOf } from './digest.ts';
import { fileReader, type Reader } from './reader.ts';

/** A reader that remembers what it read. */
export interface RecordingReader extends Reader {
  /**
   * Whether all that was read reads the same again. Files that are replaced together, by one link, may have been read half
   * before and half after; then what was built from them is a config that nobody wrote.
   */
  unchanged(): Promise<boolean>;
}

/** Reads through another reader, the file system by default. */
export function recordReads(reader: Reader = fileReader): RecordingReader {
  const looks: (() => boolean)[] = [];
  const noted = new Map<string, string>();
  const record = <T>(look: () => T, signatureOf: (value: T) => string): T => {
    const first = attempt(look);
    // A signature, not the value: large files would stay in memory as long as the reader.
    const before = first.ok ? signatureOf(first.value) : undefined;
    looks.push(() => {
      const now = attempt(look);
      return before === (now.ok ? signatureOf(now.value) : undefined);
    });
    if (!first.ok) throw first.error;
    return first.value;
  };
  return {
    read: (file) =>
      record(
        () => reader.read(file),
        (bytes) => hash('sha256', bytes),
      ),
    list: (directory) =>
      record(
        () => reader.list(directory),
        (names) => names.toSorted().join('/'),
      ),
    note: (file, digest) => noted.set(file, digest),
    unchanged: async () => {
      for (const [file, digest] of noted) if ((await digestOf(file)) !== digest) return false;
      return looks.every((same) => same());
    },
  };
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

function attempt<T>(look: () => T): Attempt<T> {
  try {
    return { ok: true, value: look() };
  } catch (error) {
    return { ok: false, error };
  }
}
