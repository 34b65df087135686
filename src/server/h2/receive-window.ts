import type { FrameWriter } from './frame-writer.ts';

/** So many bytes are used before the other side is told: a WINDOW_UPDATE for each frame would cost as much as the frame. */
const tellBytes = 16 * 1024;

/** How much the other side may still send, on a stream or on the connection (RFC 9113 section 5.2). */
export class ReceiveWindow {
  readonly #writer: FrameWriter;
  readonly #stream: number;
  #left: number;
  #used = 0;

  constructor(writer: FrameWriter, stream: number, bytes: number) {
    this.#writer = writer;
    this.#stream = stream;
    this.#left = bytes;
  }

  /** Bytes came; says whether there was room for them. */
  take(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /** Bytes have been used: others may come in their place. */
  use(bytes: number): void {
    this.#used += bytes;
    if (this.#used < tellBytes) return;
    this.#writer.windowUpdate(this.#stream, this.#used);
    this.#left += this.#used;
    this.#used = 0;
  }
}
