import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Clock } from '../core/clock.ts';
import type { FileTarget } from './file-options.ts';
import { type Line, linesOf } from './lines.ts';
import { openRotation } from './rotation.ts';

const ownerOnly = 0o600;

/** A file that takes lines. */
interface LineFile {
  /** Appends a batch; away: it has none of it, or a part, and takes the rest when it comes again with the same first line. Never rejects. */
  write(batch: readonly Line[]): Promise<'written' | 'away'>;
  /** Why it was away last, as the file system calls it: ENOSPC, EACCES. */
  trouble(): string | undefined;
  close(): Promise<void>;
}

/** A file that is opened for each batch: it can be rotated by renaming it, and a full disk that has room again is found. */
export function openFile({ path, rotation }: FileTarget, clock: Clock): LineFile {
  const rotate = openRotation(path, rotation);
  let trouble: string | undefined;
  // Whoever wrote last may have been killed in the middle of a line: an empty one ends it, so that the next line stands alone.
  let torn: boolean | undefined;
  // What a write that failed half way has written of its batch, which comes again.
  let begun: { readonly first: Line | undefined; readonly lines: number } | undefined;
  const append = async (bytes: Buffer, written: (bytes: number) => void): Promise<void> => {
    await rotate(bytes.byteLength, clock.nowMs());
    torn ??= await isTorn(path);
    const handle = await open(path, 'a', ownerOnly);
    try {
      if (torn) await handle.write('\n');
      torn = false;
      for (let at = 0; at < bytes.byteLength; written(at)) at += (await handle.write(bytes, at)).bytesWritten;
    } finally {
      await handle.close();
    }
  };
  return {
    write: async (batch) => {
      let lines = begun?.first === batch[0] ? (begun?.lines ?? 0) : 0;
      let part = Buffer.alloc(0);
      let written = 0;
      try {
        while (lines < batch.length) {
          const next = fitting(batch.slice(lines), rotation.maxBytes);
          part = Buffer.from(linesOf(next));
          written = 0;
          await append(part, (bytes) => {
            written = bytes;
          });
          lines += next.length;
        }
        begun = undefined;
        return 'written';
      } catch (error) {
        trouble = error instanceof Error && 'code' in error ? String(error.code) : undefined;
        torn = undefined;
        begun = { first: batch[0], lines: lines + countLines(part.subarray(0, written)) };
        return 'away';
      }
    },
    trouble: () => trouble,
    close: async () => {},
  };
}

/** As many of the first lines as a file may hold; at least one. */
function fitting(batch: readonly Line[], maxBytes = Number.POSITIVE_INFINITY): readonly Line[] {
  let bytes = 0;
  const end = batch.findIndex(({ line }, index) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes > maxBytes && index > 0;
  });
  return end === -1 ? batch : batch.slice(0, end);
}

const countLines = (bytes: Buffer): number => bytes.toString('latin1').split('\n').length - 1;

/** Whether a file ends in the middle of a line; what is no file, or is not there, does not. */
async function isTorn(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size === 0) return false;
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, found.size - 1);
    return buffer[0] !== 0x0a;
  } catch {
    // Not ours to read: an empty line does no harm.
    return true;
  } finally {
    await handle?.close();
  }
}
