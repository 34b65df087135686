import { closeSync, constants, openSync, readSync } from 'node:fs';

const chunkBytes = 256 * 1024;

/** The bytes of a file; undefined when there are more than so many. Throws what the file system throws. */
export function readBounded(file: string, maxBytes: number): Uint8Array | undefined {
  // A pipe that nobody writes into must not hold up whoever reads.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(descriptor, chunk, 0, chunkBytes, null);
      if (read === 0) return Buffer.concat(chunks, length);
      chunks.push(chunk.subarray(0, read));
      length += read;
      if (length > maxBytes) return undefined;
    }
  } finally {
    closeSync(descriptor);
  }
}
