import { ConnectionError, flags, frameTypes } from './codes.ts';
import { dependencyOf, withoutPadding } from './frame-form.ts';
import type { Limits } from './limits.ts';

/** Takes a header block that is whole; the flags are those of its first frame. */
type OnBlock = (flag: number, stream: number, block: Buffer) => void;

/** Puts header blocks together from their frames (RFC 9113 section 4.3). */
export interface HeaderBlocks {
  headers(flag: number, stream: number, payload: Buffer): void;
  continuation(flag: number, stream: number, payload: Buffer): void;
  /** Throws a ConnectionError for a frame that stands inside of another stream's block, or is none of it. */
  check(type: number, stream: number): void;
}

/** Opens a place for one block at a time: frames of nothing else may come in between. */
export function openHeaderBlocks(
  { headerBlockBytes, headerBlockFrames }: Pick<Limits, 'headerBlockBytes' | 'headerBlockFrames'>,
  onBlock: OnBlock,
): HeaderBlocks {
  let open: { readonly stream: number; readonly flag: number; readonly parts: Buffer[]; bytes: number } | undefined;
  return {
    headers: (flag, stream, payload) => {
      const block = withoutPriority(flag, stream, withoutPadding(flag, payload));
      if ((flag & flags.endHeaders) !== 0) onBlock(flag, stream, block);
      else open = { stream, flag, parts: [Buffer.from(block)], bytes: block.length };
    },
    continuation: (flag, stream, payload) => {
      if (open === undefined) throw new ConnectionError('protocolError', 'a continuation of nothing');
      open.parts.push(Buffer.from(payload));
      open.bytes += payload.length;
      // Each frame costs work, also an empty one (CVE-2024-27316).
      if (open.bytes > headerBlockBytes || open.parts.length > headerBlockFrames) {
        throw new ConnectionError('enhanceYourCalm', 'a header block is too large');
      }
      if ((flag & flags.endHeaders) === 0) return;
      const { flag: first, parts } = open;
      open = undefined;
      onBlock(first, stream, Buffer.concat(parts));
    },
    check: (type, stream) => {
      if (open !== undefined && (type !== frameTypes.continuation || stream !== open.stream)) {
        throw new ConnectionError('protocolError', 'another frame inside of a header block');
      }
    },
  };
}

const priorityBytes = 5;

function withoutPriority(flag: number, stream: number, payload: Buffer): Buffer {
  if ((flag & flags.priority) === 0) return payload;
  if (payload.length < priorityBytes) throw new ConnectionError('frameSizeError', 'a frame of headers is too short');
  if (dependencyOf(payload) === stream) throw new ConnectionError('protocolError', 'a stream depends on itself');
  return payload.subarray(priorityBytes);
}
