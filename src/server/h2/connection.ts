import type { Duplex } from 'node:stream';
import { ConnectionError, defaultWindow, type ErrorCode, maxWindow } from './codes.ts';
import { FrameWriter } from './frame-writer.ts';
import { type HeaderEncoder, openHeaderEncoder } from './header-encoder.ts';
import { Inbound } from './inbound.ts';
import type { Limits } from './limits.ts';
import { type Liveness, openLiveness } from './liveness.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { RequestHead } from './request-head.ts';
import type { Stream, StreamHost } from './stream.ts';
import { StreamTable } from './stream-table.ts';

/** What a connection does for the layer above. */
interface ConnectionDeps {
  readonly limits: Limits;
  /** Milliseconds that only go up. */
  readonly nowMs: () => number;
  /** Takes a request; it sets the stream's listener at once. */
  readonly onRequest: (stream: Stream, head: RequestHead, connection: Connection) => void;
  /** Nothing is left of it. */
  readonly onClosed: (connection: Connection) => void;
  /** The other side broke the rules, or asked too much: why the connection is over. */
  readonly onBroken: (code: ErrorCode, why: string) => void;
}

const drainPing = Buffer.from('draining');
const keepalivePing = Buffer.from('areyouup');
const lingerMs = 1000;

/** One connection of HTTP/2, as a server sees it (RFC 9113). */
export class Connection implements StreamHost {
  readonly writer: FrameWriter;
  readonly encoder: HeaderEncoder = openHeaderEncoder();
  sendWindow = defaultWindow;
  readonly window: ReceiveWindow;
  /** Bytes of messages that are not whole yet, or were compressed. */
  partialBytes = 0;
  /** Calls whose handlers are at work. */
  running = 0;
  /** Nothing is taken, or sent, any more. */
  isOver = false;

  readonly #socket: Duplex;
  readonly #deps: ConnectionDeps;
  readonly #streams: StreamTable;
  readonly #life: Liveness;
  readonly #inbound: Inbound;
  #draining: 'no' | 'announced' | 'closing' = 'no';

  constructor(socket: Duplex, deps: ConnectionDeps) {
    const { limits, nowMs } = deps;
    this.#socket = socket;
    this.#deps = deps;
    this.writer = new FrameWriter(socket);
    this.#streams = new StreamTable(limits.streamWindowBytes);
    this.window = new ReceiveWindow(this.writer, 0, limits.connectionWindowBytes);
    this.#inbound = new Inbound(this, this.#streams, limits, nowMs);
    this.#life = openLiveness(limits, nowMs);
    this.writer.settings([
      ['maxConcurrentStreams', limits.concurrentStreams],
      ['initialWindowSize', limits.streamWindowBytes],
      ['maxHeaderListSize', limits.headerListBytes],
    ]);
    this.writer.windowUpdate(0, limits.connectionWindowBytes - defaultWindow);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('drain', () => this.#drained());
    socket.once('end', () => this.#hungUp());
    socket.on('error', () => {});
    socket.once('close', () => this.#closed());
    // Whoever does not close its side when we have closed ours is not waited for.
    socket.once('finish', () => setTimeout(() => socket.destroy(), lingerMs).unref());
  }

  /** How much partialBytes may be. */
  get partialLimit(): number {
    return this.#deps.limits.partialBytes;
  }

  /** Whether calls are under way. */
  get busy(): boolean {
    return this.#streams.size > 0 || this.running > 0;
  }

  get congested(): boolean {
    return this.writer.pendingBytes > this.#deps.limits.unsentBytes;
  }

  /** Takes no new calls, and closes when those under way are over (RFC 9113 section 6.8). */
  drain(): void {
    if (this.#draining !== 'no' || this.isOver) return;
    this.#draining = 'announced';
    this.writer.goaway(maxWindow, 'noError');
    // Calls that are on their way to us come before the answer to this.
    this.writer.ping(0, drainPing);
    this.writer.flush();
  }

  /** Looks whether there is life in it; asks the other side, or ends it, where there is none. */
  sweep(): void {
    const remedy = this.#life.remedy(this.busy);
    switch (remedy) {
      case 'none':
        break;
      case 'ask':
        this.writer.ping(0, keepalivePing);
        break;
      case 'drain':
        this.drain();
        break;
      case 'greeting':
        this.fail('settingsTimeout', 'no settings came');
        break;
      case 'end':
        this.destroy();
        break;
      default:
        remedy satisfies never;
    }
  }

  /** Whether another call may begin. Those count whose caller has left while the handler is at work (CVE-2023-44487). */
  get takesCalls(): boolean {
    const calls = Math.max(this.running, this.#streams.size);
    return this.#draining !== 'closing' && calls < this.#deps.limits.concurrentStreams;
  }

  /** A request came whose head is good. */
  request(stream: Stream, head: RequestHead): void {
    this.#life.called();
    this.#deps.onRequest(stream, head, this);
  }

  /** The first settings came. */
  greeted(): void {
    this.#life.greeted();
  }

  /** The other side has answered a ping: it knows by now that we drain, if that is what we said before. */
  answered(data: Buffer): void {
    if (this.#draining !== 'announced' || !data.equals(drainPing)) return;
    this.#draining = 'closing';
    this.writer.goaway(this.#streams.names.latest, 'noError');
    this.#maybeClose();
  }

  /** The other side leaves: in order, or over a mistake of ours. */
  farewell(inOrder: boolean): void {
    if (inOrder) this.#leave();
    else this.#break();
  }

  /** Ends it here and now. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends it over what the other side did (RFC 9113 section 5.4.1). */
  fail(code: ErrorCode, why: string): void {
    if (this.isOver) return;
    this.#deps.onBroken(code, why);
    this.writer.goaway(this.#streams.names.latest, code, why);
    this.#break();
  }

  waits(stream: Stream): void {
    this.#streams.waits(stream);
  }

  used(bytes: number): void {
    if (!this.isOver) this.window.use(bytes);
  }

  closed(stream: Stream): void {
    this.#streams.remove(stream);
    this.#maybeClose();
  }

  discarded(stream: Stream): void {
    this.#streams.names.discarded(stream.id);
  }

  /** A handler has come to its end. */
  finished(): void {
    this.running -= 1;
    this.#maybeClose();
  }

  #maybeClose(): void {
    if (this.#draining === 'closing' && !this.busy) this.#leave();
  }

  #leave(): void {
    if (this.isOver) return;
    if (this.busy) {
      this.#draining = 'closing';
      return;
    }
    this.isOver = true;
    this.writer.end();
  }

  /** The other side has said all it has to say: a call that is whole gets its answer, and no other can become whole. */
  #hungUp(): void {
    this.#streams.abort(({ remoteClosed }) => !remoteClosed);
    this.#leave();
  }

  #break(): void {
    this.isOver = true;
    this.writer.end();
    this.#streams.abort();
  }

  #closed(): void {
    this.isOver = true;
    this.#streams.abort();
    this.#deps.onClosed(this);
  }

  #take(bytes: Buffer): void {
    if (this.isOver) return;
    this.#life.heard();
    try {
      this.#inbound.take(bytes);
    } catch (error) {
      // What is no mistake of the other side is one of ours, and only this connection's.
      if (error instanceof ConnectionError) this.fail(error.code, error.message);
      else this.fail('internalError', 'a bug on our side');
    }
    if (!this.congested) return;
    // Who does not read our answers is not read either.
    this.#life.stalled(true);
    this.#socket.pause();
  }

  #drained(): void {
    this.#life.stalled(false);
    this.#socket.resume();
    this.#streams.pumpWaiting(this);
  }
}
