import type { Log } from '../core/ports.ts';

/** What comes with a message. */
export interface Call {
  readonly metadata: {
    /** The first value of an entry of the gRPC metadata, by its name in lower case. */
    get(name: string): string | undefined;
  };
  /** Aborted when the caller is gone, its time is up, or a server or client stream has to end because we drain. */
  readonly signal: AbortSignal;
  /** Milliseconds that were left for the call when it came (grpc-timeout); undefined when the caller set no deadline. */
  readonly remainingMs: number | undefined;
}

/** A method with one message in and one out. A GrpcError becomes the call's status; any other error is a bug. */
export interface UnaryMethod {
  readonly kind: 'unary';
  handle(message: Uint8Array, call: Call): Promise<Uint8Array>;
  /** The answer after a bug; without it the call ends with the status INTERNAL. */
  readonly onBug?: () => Uint8Array;
}

/** A method with one message in and any number out; it returns soon after its signal is aborted. */
export interface ServerStreamMethod {
  readonly kind: 'server_stream';
  handle(message: Uint8Array, call: Call): AsyncIterable<Uint8Array>;
}

/**
 * A method with any number of messages both ways. A message is read when it is asked for, and the next one is asked of the
 * handler once there is room for it, so that neither side outruns the other. The messages end when the caller has no more of
 * them, and when the signal is aborted. Drain waits for such a stream as it does for an answer.
 */
export interface BidiStreamMethod {
  readonly kind: 'bidi_stream';
  handle(messages: AsyncIterable<Uint8Array>, call: Call): AsyncIterable<Uint8Array>;
}

/**
 * A method with any number of messages in and one out, which is given when the caller has no more of them. The next message
 * is read when it is asked for. Streams of this kind have no end of their own: they end when we drain.
 */
export interface ClientStreamMethod {
  readonly kind: 'client_stream';
  handle(messages: AsyncIterable<Uint8Array>, call: Call): Promise<Uint8Array>;
}

/** A method in bytes: what a message holds is the affair of the wire. */
export type Method = UnaryMethod | ServerStreamMethod | ClientStreamMethod | BidiStreamMethod;

/** Methods by their full name, for example /envoy.service.auth.v3.Authorization/Check. */
export type ServiceTable = ReadonlyMap<string, Method>;

/** PEM texts of a TLS server. */
export interface TlsTexts {
  readonly cert: string;
  readonly key: string;
  /** With it, a caller must show a certificate of this authority. */
  readonly clientCa?: string;
}

/** Where and how to listen. */
export interface ListenOptions {
  /** "host:port" (port 0 takes a free one) or "unix:/path". */
  readonly address: string;
  readonly tls?: TlsTexts;
  /** The largest message that is taken; a larger one ends with RESOURCE_EXHAUSTED. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  readonly log: Log;
}

/** A server that listens. */
export interface Listening {
  /** The address with the real port. */
  readonly address: string;
  /**
   * Takes no more calls, ends the server and client streams, waits for the other calls under way, and cuts off what is left after deadlineMs.
   * True when nothing had to be cut off.
   */
  drain(deadlineMs: number): Promise<boolean>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

/** A way to serve a table over gRPC. Rejects with a ListenError that names the address. */
export interface Transport {
  listen(table: ServiceTable, options: ListenOptions): Promise<Listening>;
}

/** The default of ListenOptions.maxMessageBytes. */
export const defaultMaxMessageBytes = 4 * 1024 * 1024;
