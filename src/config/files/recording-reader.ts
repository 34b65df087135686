import { fileReader, type Reader } from './reader.ts';

/** A reader that remembers what it read. */
interface RecordingReader extends Reader {
  /**
   * Whether all that was read reads the same again. Files that are replaced together, by one link, may have been read half
   * before and half after; then what was built from them is a config that nobody wrote.
   */
  unchanged(): boolean;
}

/** Reads through another reader, the file system by default. */
export function recordReads(reader: Reader = fileReader): RecordingReader {
  const looks: (() => boolean)[] = [];
  const record = <T>(look: () => T, same: (before: T, now: T) => boolean): T => {
    const before = attempt(look);
    looks.push(() => {
      const now = attempt(look);
      return before.ok && now.ok ? same(before.value, now.value) : before.ok === now.ok;
    });
    if (!before.ok) throw before.error;
    return before.value;
  };
  return {
    read: (file) => record(() => reader.read(file), sameBytes),
    list: (directory) => record(() => reader.list(directory), sameNames),
    unchanged: () => looks.every((same) => same()),
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

const sameBytes = (before: Uint8Array, now: Uint8Array): boolean => Buffer.compare(before, now) === 0;
const sameNames = (before: readonly string[], now: readonly string[]): boolean =>
  before.toSorted().join('/') === now.toSorted().join('/');
