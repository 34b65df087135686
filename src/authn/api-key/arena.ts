import { ownPages } from '../../core/pages.ts';

/** Pieces of bytes that are added and stay where they are. */
interface Arena {
  /** Makes room for a piece; says where it is. */
  add(length: number): number;
  /** The bytes from an offset on, the piece's own first. */
  at(offset: number): Buffer;
  /** All of it, for pieceAt. */
  chunks(): readonly Uint8Array<ArrayBuffer>[];
}

// A piece is found by its offset, so that chunks have one size; a larger piece has a chunk of its own.

const chunkBytes = 1024 ** 2;

/** Opens an arena of chunks: what grows by being copied would need three times the memory for a moment. */
export function createArena(): Arena {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let end = chunkBytes;
  return {
    add: (length) => {
      if (end + length > chunkBytes) {
        chunks.push(ownPages(Math.max(length, chunkBytes)));
        end = 0;
      }
      const offset = (chunks.length - 1) * chunkBytes + end;
      end += length;
      return offset;
    },
    at: (offset) => pieceAt(chunks, offset),
    chunks: () => chunks,
  };
}

/** The bytes of an arena's chunks from an offset on. */
export function pieceAt(chunks: readonly Uint8Array<ArrayBuffer>[], offset: number): Buffer {
  const chunk = chunks[Math.floor(offset / chunkBytes)];
  return chunk === undefined ? nothing : Buffer.from(chunk.buffer, offset % chunkBytes);
}

const nothing = Buffer.alloc(0);
