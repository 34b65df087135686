import { GrpcError } from '../../grpc-error.ts';

/** A message as it came: perhaps compressed. */
export interface Incoming {
  readonly compressed: boolean;
  readonly bytes: Uint8Array;
  /** What it took of the body: its prefix and itself. */
  readonly wireBytes: number;
}

/** Cuts the body of a request into messages. */
interface MessageReader {
  /** Takes bytes of the body. Throws a GrpcError where they are no messages, or one is too large. */
  take(bytes: Buffer): void;
  /** Bytes of a message that has begun and is not whole. */
  readonly heldBytes: number;
}

const prefixBytes = 5;
const nothing = Buffer.alloc(0);

/** Opens a reader of length-prefixed messages (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export function openMessageReader(maxBytes: number, onMessage: (message: Incoming) => void): MessageReader {
  // A message that is not whole is copied: a part of it, however small, would keep all that came with it.
  let buffer = nothing;
  let held = 0;
  let wanted = prefixBytes;

  const lengthAt = (bytes: Buffer, at: number): number => {
    if ((bytes[at] ?? 2) > 1) throw new GrpcError('internal', 'a message has an unknown flag');
    const length = bytes.readUInt32BE(at + 1);
    if (length > maxBytes) {
      throw new GrpcError('resource_exhausted', `a message of ${length} bytes, and ${maxBytes} are allowed`);
    }
    return prefixBytes + length;
  };
  const give = (bytes: Buffer, from: number, to: number): void =>
    onMessage({ compressed: bytes[from] === 1, bytes: bytes.subarray(from + prefixBytes, to), wireBytes: to - from });
  /** Gives the messages that are whole from there on, and returns where they end. */
  const giveWhole = (bytes: Buffer): number => {
    let at = 0;
    while (bytes.length - at >= prefixBytes) {
      const end = at + lengthAt(bytes, at);
      if (end > bytes.length) {
        wanted = end - at;
        return at;
      }
      give(bytes, at, end);
      at = end;
    }
    wanted = prefixBytes;
    return at;
  };
  const hold = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    const size = held + bytes.length;
    if (size > buffer.length) {
      // It grows with what came, not with what a prefix announces.
      const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(wanted, 2 * size)));
      buffer.copy(larger, 0, 0, held);
      buffer = larger;
    }
    bytes.copy(buffer, held);
    held = size;
  };
  return {
    take: (bytes) => {
      if (held === 0) {
        hold(bytes.subarray(giveWhole(bytes)));
        return;
      }
      hold(bytes);
      if (held < wanted) return;
      const whole = buffer.subarray(0, held);
      buffer = nothing;
      held = 0;
      hold(whole.subarray(giveWhole(whole)));
    },
    get heldBytes() {
      return held;
    },
  };
}
