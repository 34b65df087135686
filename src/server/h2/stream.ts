import { type ErrorCode, flags, frameTypes, maxFrameBytes } from './codes.ts';
import type { FrameWriter } from './frame-writer.ts';
import { ReceiveWindow } from './receive-window.ts';

/** What the layer above hears of a stream. Nothing throws. */
interface StreamListener {
  /** Bytes of the body, which stay as they are. Whoever has used them says so by `used`. */
  data(bytes: Buffer): void;
  /** The other side has said all that it has to say. */
  ended(): void;
  /** The stream is over before its time: taken back, broken, or its connection is gone. */
  aborted(): void;
}

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly writer: FrameWriter;
  /** What all streams together may still send. */
  sendWindow: number;
  /** Whether bytes of answers have to wait, for the other side does not read. */
  readonly congested: boolean;
  /** A stream waits for the window of all, or for the other side to read. */
  waits(stream: Stream): void;
  /** Bytes that came have been used. */
  used(bytes: number): void;
  /** Nothing of it is left. */
  closed(stream: Stream): void;
  /** It was ended by us before its time. */
  discarded(stream: Stream): void;
}

/** Encodes a header block. Each changes what the next one may say, so it is asked for when it is sent, and never earlier. */
type Encode = () => Uint8Array;

const silent: StreamListener = Object.freeze({ data: () => {}, ended: () => {}, aborted: () => {} });
/** Bytes of an answer that a stream holds for a caller who has no room for them, until it asks for no more. */
const queueBytes = 64 * 1024;

/** A request and its answer (RFC 9113 section 5): open, half closed on either side, closed. */
export class Stream {
  readonly id: number;
  listener: StreamListener = silent;
  remoteClosed = false;
  localClosed = false;
  sendWindow: number;
  /** How much may still come. */
  readonly window: ReceiveWindow;
  /** What the content-length says, less what came; undefined: it says nothing. */
  expectedBytes: number | undefined;

  readonly #host: StreamHost;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #trailers: Encode | undefined;
  #lastQueued = false;
  #room: (() => void)[] = [];

  constructor(host: StreamHost, id: number, sendWindow: number, receiveBytes: number) {
    this.#host = host;
    this.id = id;
    this.sendWindow = sendWindow;
    this.window = new ReceiveWindow(host.writer, id, receiveBytes);
  }

  /** Sends a head; or trailers, behind all data. */
  headers(encode: Encode, last: boolean): void {
    if (this.localClosed) return;
    if (this.#queue.length > 0) this.#trailers = encode;
    else this.#sendHeaders(encode, last);
  }

  /** Sends bytes of the answer, which must stay as they are. */
  data(bytes: Uint8Array, last: boolean): void {
    if (this.localClosed) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#lastQueued = last;
    this.pump();
  }

  /** Sends a whole good answer of one message. */
  answer(head: Encode, message: Uint8Array, trailers: Encode): void {
    if (this.localClosed) return;
    const host = this.#host;
    const bytes = message.length + 5;
    this.#sendHeaders(head, false);
    if (bytes <= maxFrameBytes && bytes <= this.sendWindow && bytes <= host.sendWindow) {
      this.sendWindow -= bytes;
      host.sendWindow -= bytes;
      host.writer.message(this.id, 0, message);
      this.#sendHeaders(trailers, true);
      return;
    }
    this.data(prefixed(message), false);
    this.headers(trailers, true);
  }

  /** Whether more may be given to be sent. */
  get hasRoom(): boolean {
    return this.#queuedBytes < queueBytes && !this.#host.congested;
  }

  /** Resolves when there is room for more, or nobody is there any more. */
  room(): Promise<void> {
    if (this.localClosed || this.hasRoom) return Promise.resolve();
    this.#host.waits(this);
    return new Promise((resolve) => this.#room.push(resolve));
  }

  /** Bytes that came have been used: others may come in their place. */
  used(bytes: number): void {
    this.#host.used(bytes);
    if (!this.remoteClosed) this.window.use(bytes);
  }

  /** Ends it here and now. */
  reset(code: ErrorCode): void {
    if (this.localClosed && this.remoteClosed) return;
    this.#host.writer.reset(this.id, code);
    this.#host.discarded(this);
    this.abort();
  }

  /** The other side has said all that it has to say. */
  endRemote(): void {
    this.remoteClosed = true;
    this.listener.ended();
    if (this.localClosed) this.#host.closed(this);
  }

  /** It is over before its time; whoever listens is told. */
  abort(): void {
    this.remoteClosed = true;
    this.localClosed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#trailers = undefined;
    this.#wake();
    const { listener } = this;
    this.listener = silent;
    this.#host.closed(this);
    listener.aborted();
  }

  /** Sends as much as there is room for. */
  pump(): void {
    const host = this.#host;
    while (this.#queue.length > 0) {
      const [first = empty] = this.#queue;
      const size = Math.min(first.length, maxFrameBytes, this.sendWindow, host.sendWindow);
      if (host.sendWindow <= 0 || host.congested) {
        host.waits(this);
        return;
      }
      // Its own window wakes it when it grows.
      if (size <= 0) return;
      if (size < first.length) this.#queue[0] = first.subarray(size);
      else this.#queue.shift();
      this.#queuedBytes -= size;
      this.sendWindow -= size;
      host.sendWindow -= size;
      const last = this.#lastQueued && this.#queue.length === 0;
      host.writer.frame(frameTypes.data, last ? flags.endStream : 0, this.id, first.subarray(0, size));
      if (last) this.#closeLocal();
    }
    if (this.#trailers !== undefined) this.#sendHeaders(this.#trailers, true);
    if (this.hasRoom) this.#wake();
    else if (this.#room.length > 0) host.waits(this);
  }

  #sendHeaders(encode: Encode, last: boolean): void {
    this.#trailers = undefined;
    const flag = last ? flags.endHeaders | flags.endStream : flags.endHeaders;
    this.#host.writer.frame(frameTypes.headers, flag, this.id, encode());
    if (last) this.#closeLocal();
  }

  #closeLocal(): void {
    this.localClosed = true;
    this.#wake();
    if (this.remoteClosed) {
      this.#host.closed(this);
      return;
    }
    // All is said: what is still to come is wanted by nobody (RFC 9113 section 8.1).
    this.reset('noError');
  }

  #wake(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resolve of waiting) resolve();
  }
}

const empty = new Uint8Array(0);

/** A message of gRPC behind its prefix: not compressed, and so long. */
export function prefixed(message: Uint8Array): Uint8Array {
  const whole = Buffer.allocUnsafe(message.length + 5);
  whole[0] = 0;
  whole.writeUInt32BE(message.length, 1);
  whole.set(message, 5);
  return whole;
}
