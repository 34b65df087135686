import type { Writable } from 'node:stream';
import { type ErrorCode, errorCodes, flags, frameHeadBytes, frameTypes, settingIds } from './codes.ts';

const blockBytes = 32 * 1024;

/**
 * Writes frames into one block of bytes, which goes to the socket once a turn of the event loop: what is answered in one turn
 * costs one write.
 */
export class FrameWriter {
  readonly #socket: Writable;
  #block = Buffer.allocUnsafeSlow(blockBytes);
  #used = 0;
  #scheduled = false;
  #ended = false;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Bytes that were written and have not left yet. */
  get pendingBytes(): number {
    return this.#used + this.#socket.writableLength;
  }

  frame(type: number, flag: number, stream: number, payload: Uint8Array): void {
    const at = this.#head(payload.length, type, flag, stream);
    this.#block.set(payload, at);
  }

  /** A DATA frame with the prefix of a message of gRPC and the message. */
  message(stream: number, flag: number, message: Uint8Array): void {
    const at = this.#head(message.length + 5, frameTypes.data, flag, stream);
    this.#block[at] = 0;
    this.#block.writeUInt32BE(message.length, at + 1);
    this.#block.set(message, at + 5);
  }

  settings(values: readonly (readonly [id: keyof typeof settingIds, value: number])[]): void {
    let at = this.#head(values.length * 6, frameTypes.settings, 0, 0);
    for (const [id, value] of values) {
      this.#block.writeUInt16BE(settingIds[id], at);
      this.#block.writeUInt32BE(value, at + 2);
      at += 6;
    }
  }

  settingsAck(): void {
    this.#head(0, frameTypes.settings, flags.ack, 0);
  }

  ping(flag: number, data: Uint8Array): void {
    this.frame(frameTypes.ping, flag, 0, data);
  }

  windowUpdate(stream: number, increment: number): void {
    const at = this.#head(4, frameTypes.windowUpdate, 0, stream);
    this.#block.writeUInt32BE(increment, at);
  }

  reset(stream: number, code: ErrorCode): void {
    const at = this.#head(4, frameTypes.rstStream, 0, stream);
    this.#block.writeUInt32BE(errorCodes[code], at);
  }

  goaway(lastStream: number, code: ErrorCode, text = ''): void {
    const debug = Buffer.from(text, 'latin1');
    const at = this.#head(8 + debug.length, frameTypes.goaway, 0, 0);
    this.#block.writeUInt32BE(lastStream, at);
    this.#block.writeUInt32BE(errorCodes[code], at + 4);
    this.#block.set(debug, at + 8);
  }

  /** Hands what was written to the socket now. */
  flush(): void {
    const bytes = this.#block.subarray(0, this.#used);
    this.#used = 0;
    if (bytes.length === 0 || this.#ended) return;
    if (this.#socket.writableLength > 0) {
      // What waits behind other bytes waits as small as it is: a block for each would hold far more than is counted.
      this.#socket.write(new Uint8Array(bytes));
      return;
    }
    this.#socket.write(bytes);
    // What was taken at once may be written over.
    if (this.#socket.writableLength > 0) this.#block = Buffer.allocUnsafeSlow(blockBytes);
  }

  /** Flushes, and says that nothing will come any more. */
  end(): void {
    this.flush();
    this.#ended = true;
    this.#socket.end();
  }

  /** Writes the head of a frame, and returns where its payload goes: there is room for it. */
  #head(length: number, type: number, flag: number, stream: number): number {
    if (this.#used + frameHeadBytes + length > blockBytes) this.flush();
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(this.#flush);
    }
    const block = this.#block;
    let at = this.#used;
    this.#used = at + frameHeadBytes + length;
    block[at++] = length >>> 16;
    block[at++] = length >>> 8;
    block[at++] = length;
    block[at++] = type;
    block[at++] = flag;
    block[at++] = stream >>> 24;
    block[at++] = stream >>> 16;
    block[at++] = stream >>> 8;
    block[at++] = stream;
    return at;
  }
}
