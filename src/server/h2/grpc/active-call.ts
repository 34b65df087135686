import type { Log } from '../../../core/ports.ts';
import { GrpcError } from '../../grpc-error.ts';
import type { Call } from '../../transport.ts';
import type { Connection } from '../connection.ts';
import { fieldIn, type RequestHead } from '../request-head.ts';
import type { Stream } from '../stream.ts';
import { encodings } from './inflate.ts';
import { statusText } from './status-text.ts';
import { parseTimeoutMs } from './timeout.ts';

/** What every call needs. */
export interface CallDeps {
  readonly maxMessageBytes: number;
  readonly log: Log;
  /** Whether we drain: streams of the server and of clients end. */
  readonly draining: AbortSignal;
}

/** One call, from its head to its status. */
export class ActiveCall implements Call {
  readonly metadata: Call['metadata'];
  readonly remainingMs: number | undefined;
  readonly name: string;
  readonly stream: Stream;
  readonly connection: Connection;
  #controller: AbortController | undefined;
  #aborted = false;
  #answering = false;
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Stream, connection: Connection, { path, fields }: RequestHead) {
    this.stream = stream;
    this.connection = connection;
    this.name = path;
    this.metadata = { get: (name) => fieldIn(fields, name) };
    const timeout = fieldIn(fields, 'grpc-timeout');
    this.remainingMs = timeout === undefined ? undefined : parseTimeoutMs(timeout);
    if (timeout !== undefined && this.remainingMs === undefined)
      throw new GrpcError('internal', 'grpc-timeout is none');
  }

  /** Made when somebody asks for it: most calls end before anybody does. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Whether its status has been sent, or nobody is there to take it. */
  get over(): boolean {
    return this.#over;
  }

  /** Ends it by itself when the caller's time is up. */
  startTimer(late: () => void): void {
    if (this.remainingMs === undefined) return;
    // Longer ones than a timer can wait for are as good as none.
    const waitMs = Math.min(Math.ceil(this.remainingMs), 2 ** 31 - 1);
    this.#timer = setTimeout(() => {
      late();
      this.fail(new GrpcError('deadline_exceeded', 'the deadline is over'));
      this.abort();
    }, waitMs);
  }

  /** Whoever waits for the call hears that nobody does any more. */
  abort(): void {
    this.#end();
    if (this.#aborted) return;
    this.#aborted = true;
    this.#controller?.abort();
  }

  /** A good answer of one message. */
  answer(message: Uint8Array): void {
    if (this.#over) return;
    this.#end();
    const { encoder } = this.connection;
    this.stream.answer(encoder.answer, message, encoder.done);
  }

  /** One message of several; resolves when there is room for the next. */
  send(bytes: Uint8Array): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#begin();
    this.stream.data(bytes, false);
    return this.stream.room();
  }

  /** A good end behind any number of messages. */
  done(): void {
    if (this.#over) return;
    this.#begin();
    this.#end();
    this.stream.headers(this.connection.encoder.done, true);
  }

  /** The status of a call that went wrong. */
  fail({ code, message }: GrpcError): void {
    if (this.#over) return;
    this.#end();
    const status = [
      ['grpc-status', String(code)],
      ['grpc-message', statusText(message)],
    ] as const;
    const { encoder } = this.connection;
    const fields = this.#answering ? status : [...answerHead, ...status];
    this.stream.headers(() => encoder.fields(fields), true);
  }

  #begin(): void {
    if (this.#answering) return;
    this.#answering = true;
    this.stream.headers(this.connection.encoder.answer, false);
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }
}

const answerHead = Object.freeze([
  [':status', '200'],
  ['content-type', 'application/grpc'],
  // Who sends an encoding that we do not take learns of those that we do.
  ['grpc-accept-encoding', encodings.join(',')],
] as const);
