import { createServer, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import type { Log } from '../../core/ports.ts';
import { answer, errorOf } from '../answer.ts';
import { GrpcError } from '../grpc-error.ts';
import { ListenError, listenAt } from '../listen.ts';
import {
  type BidiStreamMethod,
  type Call,
  type ClientStreamMethod,
  defaultMaxMessageBytes,
  type Listening,
  type ListenOptions,
  type Method,
  type ServerStreamMethod,
  type ServiceTable,
  type TlsTexts,
  type Transport,
  type UnaryMethod,
} from '../transport.ts';

/** gRPC by @grpc/grpc-js: the reference that every other transport is measured against. */
export const grpcJs: Transport = { listen };

async function listen(table: ServiceTable, options: ListenOptions): Promise<Listening> {
  const credentials = credentialsOf(options);
  const grpc = new Server({
    'grpc.max_receive_message_length': options.maxMessageBytes ?? defaultMaxMessageBytes,
    // A caller with more calls at once opens another connection.
    'grpc.max_concurrent_streams': 1024,
    // Finds out that a caller is gone when it did not say so.
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
    'grpc.enable_channelz': 0,
  });
  const streams = openStreams();
  for (const [name, method] of table) register(grpc, name, method, streams, options.log);

  // The library's own listening hides why it failed, and its forced shutdown forgets connections when channelz is off.
  const injector = grpc.createConnectionInjector(credentials);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    injector.injectConnection(socket);
  });
  const address = await listenAt(server, options.address);
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  const cutOff = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const drain = async (deadlineMs: number): Promise<boolean> => {
    let whole = true;
    // Ours first: the injector's own timer would cut off what we still want to see.
    const timer = setTimeout(() => {
      whole = false;
      cutOff();
    }, deadlineMs);
    server.close();
    streams.abort();
    injector.drain(deadlineMs);
    await closed;
    clearTimeout(timer);
    return whole;
  };
  const close = async (): Promise<void> => {
    server.close();
    streams.abort();
    cutOff();
    await closed;
  };
  return { address, drain, close };
}

/** The streams under way; once aborted, new ones are too. */
interface Streams {
  add(stream: AbortController): void;
  delete(stream: AbortController): void;
  abort(): void;
}

function openStreams(): Streams {
  const open = new Set<AbortController>();
  let aborted = false;
  return {
    add: (stream) => {
      open.add(stream);
      if (aborted) stream.abort();
    },
    delete: (stream) => open.delete(stream),
    abort: () => {
      aborted = true;
      for (const stream of open) stream.abort();
    },
  };
}

function credentialsOf({ tls, address }: ListenOptions): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const problem = tlsProblem(tls);
  if (problem !== undefined) throw new ListenError(address, problem);
  return ServerCredentials.createSsl(
    tls.clientCa === undefined ? null : Buffer.from(tls.clientCa),
    [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }],
    tls.clientCa !== undefined,
  );
}

function tlsProblem({ cert, key, clientCa }: TlsTexts): string | undefined {
  try {
    createSecureContext({ cert, key, ca: clientCa });
    return undefined;
  } catch {
    return 'the TLS certificate, key or client_ca is no PEM, or they do not belong together';
  }
}

function register(grpc: Server, name: string, method: Method, streams: Streams, log: Log): void {
  switch (method.kind) {
    case 'unary':
      grpc.register(name, unary(name, method, log), toBuffer, identity, 'unary');
      return;
    case 'server_stream':
      grpc.register(name, serverStream(name, method, streams, log), toBuffer, identity, 'serverStream');
      return;
    case 'client_stream':
      grpc.register(name, clientStream(name, method, streams, log), toBuffer, identity, 'clientStream');
      return;
    case 'bidi_stream':
      grpc.register(name, bidiStream(name, method, log), toBuffer, identity, 'bidi');
      return;
    default:
      method satisfies never;
  }
}

const identity = (bytes: Buffer): Uint8Array => bytes;
const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

type Duplex = ServerDuplexStream<Uint8Array, Uint8Array>;
type Writable = ServerWritableStream<Uint8Array, Uint8Array> | Duplex;
type Readable = ServerReadableStream<Uint8Array, Uint8Array> | Duplex;
type Incoming = ServerUnaryCall<Uint8Array, Uint8Array> | Readable | Writable;

function callOf(call: Incoming, signal: AbortSignal): Call {
  const remainingMs = Number(call.getDeadline()) - Date.now();
  return {
    metadata: {
      get: (name) => {
        const value = call.metadata.get(name)[0];
        return typeof value === 'string' ? value : undefined;
      },
    },
    signal,
    remainingMs: Number.isFinite(remainingMs) ? remainingMs : undefined,
  };
}

function unary(name: string, method: UnaryMethod, log: Log): handleUnaryCall<Uint8Array, Uint8Array> {
  return (call, callback) => {
    const controller = new AbortController();
    const cancel = (): void => controller.abort();
    call.once('cancelled', cancel);
    void answer(name, method, call.request, callOf(call, controller.signal), log).then((ending) => {
      // The library also says "cancelled" once a call has ended well.
      call.off('cancelled', cancel);
      if (ending.kind === 'message') callback(null, ending.message);
      else callback({ code: ending.error.code, details: ending.error.message });
    });
  };
}

function serverStream(
  name: string,
  method: ServerStreamMethod,
  streams: Streams,
  log: Log,
): handleServerStreamingCall<Uint8Array, Uint8Array> {
  return (call) => {
    const controller = new AbortController();
    const { signal } = controller;
    streams.add(controller);
    call.once('cancelled', () => controller.abort());
    void pump(call, () => method.handle(call.request, callOf(call, signal)), signal)
      .then(() => {
        // Nobody is there any more, or we drain: the caller, if there is one, shall go elsewhere.
        if (signal.aborted) throw new GrpcError('unavailable', 'the server is shutting down');
        call.end();
      })
      .catch((error: unknown) => {
        const { code, message } = errorOf(name, error, log);
        call.emit('error', { code, details: message });
      })
      .finally(() => streams.delete(controller));
  };
}

function clientStream(
  name: string,
  method: ClientStreamMethod,
  streams: Streams,
  log: Log,
): handleClientStreamingCall<Uint8Array, Uint8Array> {
  return (call, callback) => {
    const controller = new AbortController();
    const { signal } = controller;
    streams.add(controller);
    call.once('cancelled', () => controller.abort());
    const fail = (error: unknown): void => {
      const { code, message } = errorOf(name, error, log);
      callback({ code, details: message });
    };
    const abort = (): void => {
      fail(new GrpcError('unavailable', 'the server is shutting down'));
      // The library lets whoever reads wait for messages that cannot come any more.
      call.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    void method
      .handle(messagesOf(call, signal), callOf(call, signal))
      .then((message) => {
        if (!signal.aborted) callback(null, message);
      })
      .catch((error: unknown) => {
        if (!signal.aborted) fail(error);
      })
      .finally(() => {
        signal.removeEventListener('abort', abort);
        streams.delete(controller);
        // What the handler did not care to read must not keep the stream open.
        call.resume();
      });
  };
}

function bidiStream(name: string, method: BidiStreamMethod, log: Log): handleBidiStreamingCall<Uint8Array, Uint8Array> {
  return (call) => {
    const controller = new AbortController();
    const { signal } = controller;
    call.once('cancelled', () => controller.abort());
    void pump(call, () => method.handle(messagesOf(call, signal), callOf(call, signal)), signal)
      .then(() => call.end())
      .catch((error: unknown) => {
        const { code, message } = errorOf(name, error, log);
        call.emit('error', { code, details: message });
      })
      // What the handler did not care to read must not keep the stream open.
      .finally(() => call.resume());
  };
}

async function* messagesOf(call: Readable, signal: AbortSignal): AsyncIterable<Uint8Array> {
  // A handler that stops to read may still have something to say.
  const messages: AsyncIterable<Uint8Array> = call.iterator({ destroyOnReturn: false });
  try {
    for await (const message of messages) yield message;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function pump(call: Writable, messages: () => AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  for await (const message of messages()) {
    if (signal.aborted) return;
    if (!call.write(message)) await writable(call, signal);
  }
}

function writable(call: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    call.on('drain', done);
    signal.addEventListener('abort', done);
  });
}
