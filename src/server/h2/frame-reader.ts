import { ConnectionError, frameHeadBytes, maxFrameBytes } from './codes.ts';

/** Takes a frame; the payload is only there until it returns. */
type OnFrame = (type: number, flags: number, stream: number, payload: Buffer) => void;

/** Cuts the bytes of a connection into frames. */
interface FrameReader {
  /** Takes bytes as they come. Throws a ConnectionError where they are no frames. */
  take(bytes: Buffer): void;
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Opens a reader of what a client sends: the preface (RFC 9113 section 3.4), then frames. */
export function openFrameReader(onFrame: OnFrame): FrameReader {
  let prefaceBytes = 0;
  // What came of a frame that is not whole yet.
  const head = Buffer.alloc(frameHeadBytes);
  let headBytes = 0;
  let payload: Buffer | undefined;
  let payloadBytes = 0;

  const takePreface = (bytes: Buffer): number => {
    const part = Math.min(bytes.length, preface.length - prefaceBytes);
    if (bytes.compare(preface, prefaceBytes, prefaceBytes + part, 0, part) !== 0) {
      throw new ConnectionError('protocolError', 'this is no HTTP/2');
    }
    prefaceBytes += part;
    return part;
  };
  const give = (at: Buffer, offset: number, whole: Buffer): void => {
    const stream = at.readUInt32BE(offset + 5) & 0x7fff_ffff;
    onFrame(at[offset + 3] ?? 0, at[offset + 4] ?? 0, stream, whole);
  };
  /** Goes on with the frame that was begun; returns how many bytes it took. */
  const takeRest = (bytes: Buffer, from: number): number => {
    let at = from;
    if (payload === undefined) {
      const part = Math.min(bytes.length - at, frameHeadBytes - headBytes);
      bytes.copy(head, headBytes, at, at + part);
      headBytes += part;
      at += part;
      if (headBytes < frameHeadBytes) return at;
      payload = Buffer.allocUnsafe(lengthOf(head, 0));
      payloadBytes = 0;
    }
    const part = Math.min(bytes.length - at, payload.length - payloadBytes);
    bytes.copy(payload, payloadBytes, at, at + part);
    payloadBytes += part;
    at += part;
    if (payloadBytes === payload.length) {
      const whole = payload;
      payload = undefined;
      headBytes = 0;
      give(head, 0, whole);
    }
    return at;
  };
  return {
    take: (bytes) => {
      let at = prefaceBytes < preface.length ? takePreface(bytes) : 0;
      if (headBytes > 0) at = takeRest(bytes, at);
      while (at < bytes.length) {
        const begin = at + frameHeadBytes;
        if (begin > bytes.length) {
          takeRest(bytes, at);
          return;
        }
        const end = begin + lengthOf(bytes, at);
        if (end > bytes.length) {
          takeRest(bytes, at);
          return;
        }
        give(bytes, at, bytes.subarray(begin, end));
        at = end;
      }
    },
  };
}

function lengthOf(bytes: Buffer, at: number): number {
  const length = bytes.readUIntBE(at, 3);
  if (length > maxFrameBytes) throw new ConnectionError('frameSizeError', 'a frame is larger than was agreed');
  return length;
}
