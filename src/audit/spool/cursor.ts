import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { Positions } from './walk.ts';

/** Keeps a place on disk: the last one that it is told, one write at a time, whole or not at all. */
export function openCursor(file: string) {
  let wanted: Positions | undefined;
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    while (wanted !== undefined) {
      const text = JSON.stringify(wanted);
      wanted = undefined;
      // A place that is not kept costs events that come twice.
      await writeFile(`${file}.new`, text, { mode: 0o600 })
        .then(() => rename(`${file}.new`, file))
        .catch(() => {});
    }
    writing = undefined;
  };
  return {
    /** The place that a process before us kept; undefined: there is none. */
    kept: readKept(file),
    save: (positions: Positions): void => {
      wanted = positions;
      writing ??= write();
    },
    saved: async (): Promise<void> => writing,
  };
}

function readKept(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
