import { ConnectionError, type ErrorCode, errorCodes, flags, frameTypes, maxWindow } from './codes.ts';
import { checkForm, dependencyOf, withoutPadding } from './frame-form.ts';
import { openFrameReader } from './frame-reader.ts';
import { type HeaderBlocks, openHeaderBlocks } from './header-blocks.ts';
import type { HeaderEncoder } from './header-encoder.ts';
import { openHeaderDecoder } from './hpack/decoder.ts';
import { type AllowanceMeter, type Limits, openAllowance } from './limits.ts';
import type { ReceiveWindow } from './receive-window.ts';
import { type HeadReader, openHeadReader, type RequestHead } from './request-head.ts';
import { readSettings } from './settings.ts';
import type { Stream, StreamHost } from './stream.ts';
import type { StreamTable } from './stream-table.ts';

const hpackBytes = 4096;

/** What frames are told to. */
interface InboundHost extends StreamHost {
  readonly encoder: HeaderEncoder;
  /** What all streams together may still take. */
  readonly window: ReceiveWindow;
  /** Nothing is taken any more. */
  readonly isOver: boolean;
  /** Whether another call may begin. */
  readonly takesCalls: boolean;
  /** The first settings came. */
  greeted(): void;
  /** A request came whose head is good; whoever takes it sets its listener at once. */
  request(stream: Stream, head: RequestHead): void;
  /** The other side has answered a ping. */
  answered(data: Buffer): void;
  /** The other side leaves: in order, or over a mistake of ours. */
  farewell(inOrder: boolean): void;
}

/** What the other side sends on a connection, frame by frame (RFC 9113 section 6). */
export class Inbound {
  readonly #connection: InboundHost;
  readonly #streams: StreamTable;
  readonly #limits: Limits;
  readonly #decoder = openHeaderDecoder(hpackBytes);
  readonly #mayCancel: AllowanceMeter;
  readonly #mayChore: AllowanceMeter;
  readonly #reader = openFrameReader((type, flag, stream, payload) => this.#frame(type, flag, stream, payload));
  readonly #blocks: HeaderBlocks;
  #greeted = false;

  constructor(connection: InboundHost, streams: StreamTable, limits: Limits, nowMs: () => number) {
    this.#connection = connection;
    this.#streams = streams;
    this.#limits = limits;
    this.#mayCancel = openAllowance(limits.cancels, nowMs);
    this.#mayChore = openAllowance(limits.chores, nowMs);
    this.#blocks = openHeaderBlocks(limits, (flag, id, block) => this.#headerBlock(flag, id, block));
  }

  /** Takes bytes as they come. Throws a ConnectionError where the other side breaks the rules. */
  take(bytes: Buffer): void {
    this.#reader.take(bytes);
  }

  #frame(type: number, flag: number, id: number, payload: Buffer): void {
    if (this.#connection.isOver) return;
    if (!this.#greeted && (type !== frameTypes.settings || (flag & flags.ack) !== 0)) {
      throw new ConnectionError('protocolError', 'settings come first');
    }
    this.#blocks.check(type, id);
    checkForm(type, flag, id, payload.length);
    switch (type) {
      case frameTypes.data:
        this.#data(flag, id, payload);
        break;
      case frameTypes.headers:
        this.#blocks.headers(flag, id, payload);
        break;
      case frameTypes.continuation:
        this.#blocks.continuation(flag, id, payload);
        break;
      case frameTypes.windowUpdate:
        this.#windowUpdate(id, payload.readUInt32BE(0) & 0x7fff_ffff);
        break;
      case frameTypes.rstStream:
        this.#rstStream(id);
        break;
      case frameTypes.settings:
        if ((flag & flags.ack) === 0) this.#settings(payload);
        break;
      case frameTypes.ping:
        this.#ping(flag, payload);
        break;
      case frameTypes.priority:
        this.#priority(id, payload);
        break;
      case frameTypes.goaway:
        this.#goaway(payload.readUInt32BE(4));
        break;
      case frameTypes.pushPromise:
        throw new ConnectionError('protocolError', 'clients do not push');
      default:
        // Frames of extensions are passed over (RFC 9113 section 5.5).
        this.#chore();
    }
  }

  #data(flag: number, id: number, payload: Buffer): void {
    const stream = this.#streams.get(id);
    if (!this.#connection.window.take(payload.length)) {
      throw new ConnectionError('flowControlError', 'more data than there is room for');
    }
    const body = withoutPadding(flag, payload);
    if (stream === undefined || stream.remoteClosed) {
      this.#lateData(stream, id, payload.length);
      return;
    }
    if (!stream.window.take(payload.length)) {
      this.#connection.used(payload.length);
      this.#streamError(stream, 'flowControlError');
      return;
    }
    if (body.length === 0 && (flag & flags.endStream) === 0) this.#chore();
    stream.used(payload.length - body.length);
    if (stream.expectedBytes !== undefined) stream.expectedBytes -= body.length;
    if (body.length > 0) {
      this.#mayChore.earn();
      stream.listener.data(body);
    }
    if ((flag & flags.endStream) !== 0) this.#endOf(stream);
  }

  #endOf(stream: Stream): void {
    if (stream.expectedBytes !== undefined && stream.expectedBytes !== 0) this.#streamError(stream, 'protocolError');
    else if (!stream.remoteClosed) stream.endRemote();
  }

  #lateData(stream: Stream | undefined, id: number, bytes: number): void {
    this.#streams.names.mustBeKnown(id);
    // The room that it took is free again, whatever becomes of it.
    this.#connection.used(bytes);
    if (stream === undefined && this.#streams.names.isDiscarded(id)) return;
    this.#chore();
    if (stream === undefined) this.#connection.writer.reset(id, 'streamClosed');
    else stream.reset('streamClosed');
  }

  #streamError(stream: Stream, code: ErrorCode): void {
    this.#chore();
    stream.reset(code);
  }

  #headerBlock(flag: number, id: number, block: Buffer): void {
    const head = openHeadReader(this.#limits.headerListBytes);
    // It is read whatever becomes of it: it changes what later ones mean.
    this.#decoder.decode(block, head.take);
    const last = (flag & flags.endStream) !== 0;
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#trailers(stream, head, last);
    else if (this.#streams.names.open(id)) this.#request(id, head.request(), last);
  }

  #trailers(stream: Stream, head: HeadReader, last: boolean): void {
    if (stream.remoteClosed) this.#streamError(stream, 'streamClosed');
    else if (!last || !head.isTrailers()) this.#streamError(stream, 'protocolError');
    else this.#endOf(stream);
  }

  #request(id: number, head: RequestHead | undefined, last: boolean): void {
    if (head === undefined || (last && (head.contentLength ?? 0) > 0)) {
      this.#streams.names.discarded(id);
      this.#chore();
      this.#connection.writer.reset(id, 'protocolError');
      return;
    }
    if (!this.#connection.takesCalls) {
      this.#streams.names.discarded(id);
      this.#connection.writer.reset(id, 'refusedStream');
      return;
    }
    this.#mayChore.earn();
    const stream = this.#streams.open(this.#connection, id);
    stream.expectedBytes = head.contentLength;
    stream.remoteClosed = last;
    this.#connection.request(stream, head);
    if (last && !stream.localClosed) stream.listener.ended();
  }

  #windowUpdate(id: number, increment: number): void {
    const stream = this.#streams.get(id);
    if (id !== 0) this.#streams.names.mustBeKnown(id);
    if (increment === 0) {
      if (stream === undefined) throw new ConnectionError('protocolError', 'a window update of nothing');
      this.#streamError(stream, 'protocolError');
    } else if (id === 0) {
      this.#connection.sendWindow += increment;
      if (this.#connection.sendWindow > maxWindow) throw new ConnectionError('flowControlError', 'a window overflows');
      this.#streams.pumpWaiting(this.#connection);
    } else if (stream !== undefined) {
      stream.sendWindow += increment;
      if (stream.sendWindow > maxWindow) this.#streamError(stream, 'flowControlError');
      else stream.pump();
    }
  }

  #rstStream(id: number): void {
    this.#streams.names.mustBeKnown(id);
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#chore();
      return;
    }
    if (!this.#mayCancel.take()) throw new ConnectionError('enhanceYourCalm', 'too many calls are taken back');
    stream.abort();
  }

  #settings(payload: Buffer): void {
    this.#greeted = true;
    this.#connection.greeted();
    this.#chore();
    const { initialWindowSize, headerTableSize } = readSettings(payload);
    if (headerTableSize !== undefined) this.#connection.encoder.resize(headerTableSize);
    this.#connection.writer.settingsAck();
    if (initialWindowSize !== undefined) this.#streams.resize(initialWindowSize);
  }

  #ping(flag: number, payload: Buffer): void {
    if ((flag & flags.ack) === 0) {
      this.#chore();
      this.#connection.writer.ping(flags.ack, payload);
    } else {
      this.#connection.answered(payload);
    }
  }

  #priority(id: number, payload: Buffer): void {
    this.#chore();
    const wrong = payload.length !== 5 ? 'frameSizeError' : dependencyOf(payload) === id ? 'protocolError' : undefined;
    if (wrong === undefined) return;
    const stream = this.#streams.get(id);
    // A stream that is idle, or over, cannot be reset.
    if (stream === undefined) throw new ConnectionError(wrong, 'a priority that is none');
    stream.reset(wrong);
  }

  #goaway(code: number): void {
    this.#chore();
    this.#connection.farewell(code === errorCodes.noError);
  }

  #chore(): void {
    if (!this.#mayChore.take()) throw new ConnectionError('enhanceYourCalm', 'too many frames that bring nothing');
  }
}
