/** Pieces of bytes that are added and stay where they are. */
interface Arena {
  /** Makes room for a piece; says where it is. */
  add(length: number): number;
  /** The bytes from an offset on, the piece's own first. */
  at(offset: number): Buffer;
}

// A piece is found by its offset, so that chunks have one size; a larger piece has a chunk of its own.

const chunkBytes = 1024 ** 2;

/** Opens an arena of chunks: what grows by being copied would need three times the memory for a moment. */
export function createArena(): Arena {
  const chunks: Buffer[] = [];
  let end = chunkBytes;
  return {
    add: (length) => {
      if (end + length > chunkBytes) {
        chunks.push(Buffer.allocUnsafe(Math.max(length, chunkBytes)));
        end = 0;
      }
      const offset = (chunks.length - 1) * chunkBytes + end;
      end += length;
      return offset;
    },
    at: (offset) => (chunks[Math.floor(offset / chunkBytes)] ?? nothing).subarray(offset % chunkBytes),
  };
}

const nothing = Buffer.alloc(0);
