import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

const pieceBytes = 256 * 1024;

/** The SHA-256 of a file, in hexadecimal, a piece at a time, so that nothing waits for it; undefined when it cannot be read. */
export async function digestOf(file: string): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const [hash, piece] = [createHash('sha256'), Buffer.allocUnsafe(pieceBytes)];
    for (;;) {
      const { bytesRead } = await handle.read(piece);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}
