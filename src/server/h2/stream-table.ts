import { ConnectionError, defaultWindow, maxWindow } from './codes.ts';
import { Stream, type StreamHost } from './stream.ts';
import { openStreamNames, type StreamNames } from './stream-names.ts';

/** The streams of one connection that are not closed. */
export class StreamTable {
  readonly names: StreamNames = openStreamNames();
  readonly #streams = new Map<number, Stream>();
  readonly #waiting = new Set<Stream>();
  readonly #receiveBytes: number;
  #sendWindow = defaultWindow;

  constructor(receiveBytes: number) {
    this.#receiveBytes = receiveBytes;
  }

  get size(): number {
    return this.#streams.size;
  }

  get(id: number): Stream | undefined {
    return this.#streams.get(id);
  }

  open(host: StreamHost, id: number): Stream {
    const stream = new Stream(host, id, this.#sendWindow, this.#receiveBytes);
    this.#streams.set(id, stream);
    return stream;
  }

  remove(stream: Stream): void {
    this.#streams.delete(stream.id);
    this.#waiting.delete(stream);
  }

  /** A stream has something to send, and waits for room that all share. */
  waits(stream: Stream): void {
    this.#waiting.add(stream);
  }

  /** Lets those that wait try again, in turn, as long as there is room: an update of one byte is not the work of a thousand streams. */
  pumpWaiting(host: StreamHost): void {
    for (let left = this.#waiting.size; left > 0 && host.sendWindow > 0 && !host.congested; left -= 1) {
      const [stream] = this.#waiting;
      if (stream === undefined) return;
      this.#waiting.delete(stream);
      stream.pump();
    }
  }

  /** Changes the window that streams begin with, and by as much that of each which is open (RFC 9113 section 6.9.2). */
  resize(window: number): void {
    const change = window - this.#sendWindow;
    this.#sendWindow = window;
    for (const stream of this.#streams.values()) {
      stream.sendWindow += change;
      if (stream.sendWindow > maxWindow) throw new ConnectionError('flowControlError', 'a window is too large');
    }
    if (change > 0) for (const stream of [...this.#streams.values()]) stream.pump();
  }

  /** Ends them before their time: all, or those for which this holds. */
  abort(holds: (stream: Stream) => boolean = () => true): void {
    for (const stream of [...this.#streams.values()].filter(holds)) stream.abort();
  }
}
