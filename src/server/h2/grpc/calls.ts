import type { Log } from '../../../core/ports.ts';
import { answer, errorOf } from '../../answer.ts';
import { GrpcError } from '../../grpc-error.ts';
import type { Method, ServiceTable, UnaryMethod } from '../../transport.ts';
import type { Connection } from '../connection.ts';
import { fieldIn, type RequestHead } from '../request-head.ts';
import { prefixed, type Stream } from '../stream.ts';
import { ActiveCall, type CallDeps } from './active-call.ts';
import { encodings, inflate } from './inflate.ts';
import { openMessageQueue } from './message-queue.ts';
import { type Incoming, openMessageReader } from './message-reader.ts';
import { openShare } from './share.ts';

const grpcType = /^application\/grpc(?:[+;]|$)/;

/** Answers the requests of connections with the methods of a table. */
export const openCalls =
  (table: ServiceTable, deps: CallDeps) =>
  (stream: Stream, head: RequestHead, connection: Connection): void => {
    if (head.method !== 'POST' || !grpcType.test(fieldIn(head.fields, 'content-type') ?? '')) {
      refuseOther(stream, head.method === 'POST' ? '415' : '405', connection);
      return;
    }
    begin(stream, head, connection, table, deps);
  };

/** What is no gRPC gets an answer of HTTP, once it has been said. */
function refuseOther(stream: Stream, status: '405' | '415', { encoder }: Connection): void {
  stream.listener = {
    data: (bytes) => stream.used(bytes.length),
    ended: () => {
      const allow = status === '405' ? [['allow', 'POST'] as const] : [];
      stream.headers(() => encoder.fields([[':status', status], ['content-type', 'text/plain'], ...allow]), false);
      stream.data(Buffer.from('this port speaks gRPC\n'), true);
    },
    aborted: () => {},
  };
}

function begin(stream: Stream, head: RequestHead, connection: Connection, table: ServiceTable, deps: CallDeps): void {
  try {
    if (head.excessive) throw new GrpcError('resource_exhausted', 'the metadata is too large');
    const method = table.get(head.path);
    if (method === undefined) throw new GrpcError('unimplemented', 'there is no such method');
    const encoding = fieldIn(head.fields, 'grpc-encoding') ?? 'identity';
    if (!encodings.includes(encoding)) throw new GrpcError('unimplemented', 'the encoding is not known');
    const call = new ActiveCall(stream, connection, head);
    const decode = decoder(encoding, deps.maxMessageBytes);
    if (method.kind === 'unary') beginUnary(call, method, decode, deps);
    else beginStream(call, method, decode, deps);
  } catch (error) {
    const refused = new ActiveCall(stream, connection, { ...head, fields: [] });
    refused.fail(errorOf(head.path, error, deps.log));
  }
}

type Decode = (message: Incoming) => Promise<Uint8Array> | Uint8Array;

const decoder =
  (encoding: string, maxBytes: number): Decode =>
  ({ compressed, bytes }) => {
    if (!compressed) return bytes;
    if (encoding === 'gzip') return inflate(bytes, maxBytes);
    throw new GrpcError('internal', 'a message is compressed, and no encoding is named');
  };

/** A method with one message in: it runs when the caller has said all. */
function beginUnary(call: ActiveCall, method: UnaryMethod, decode: Decode, { maxMessageBytes, log }: CallDeps): void {
  const { stream, connection } = call;
  let message: Incoming | undefined;
  let bodyBytes = 0;
  const share = openShare(connection);
  const settle = (): void => share.hold(0);
  const reader = openMessageReader(maxMessageBytes, (incoming) => {
    if (message !== undefined) throw new GrpcError('unimplemented', 'the method takes one message');
    message = incoming;
  });
  stream.listener = {
    data: (bytes) => {
      bodyBytes += bytes.length;
      stream.used(bytes.length);
      guard(call, log, () => {
        share.hold(bodyBytes);
        reader.take(bytes);
      });
    },
    ended: () => {
      settle();
      if (call.over) return;
      const partial = reader.heldBytes > 0;
      if (message === undefined || partial) {
        call.fail(new GrpcError(partial ? 'internal' : 'unimplemented', 'the method takes one whole message'));
        return;
      }
      void run(call, method, message, decode, log);
    },
    aborted: () => {
      settle();
      call.abort();
    },
  };
  call.startTimer(settle);
}

async function run(call: ActiveCall, method: UnaryMethod, incoming: Incoming, decode: Decode, log: Log): Promise<void> {
  const { connection } = call;
  const share = openShare(connection);
  connection.running += 1;
  try {
    let message = decode(incoming);
    if (message instanceof Promise) {
      message = await message;
      // It may be a thousand times what was sent.
      share.hold(message.length);
    }
    const ending = await answer(call.name, method, message, call, log);
    if (ending.kind === 'message') call.answer(ending.message);
    else call.fail(ending.error);
  } catch (error) {
    call.fail(errorOf(call.name, error, log));
  } finally {
    share.hold(0);
    connection.finished();
  }
}

/** A method with any number of messages on one side, or on both. */
function beginStream(call: ActiveCall, method: Exclude<Method, UnaryMethod>, decode: Decode, deps: CallDeps): void {
  const { stream, connection } = call;
  const { maxMessageBytes, log, draining } = deps;
  const queue = openMessageQueue((bytes) => stream.used(bytes), decode);
  const reader = openMessageReader(maxMessageBytes, queue.push);
  const share = openShare(connection);
  const endOf = (): void => {
    call.fail(new GrpcError('unavailable', 'the server is shutting down'));
    call.abort();
    queue.stop();
  };
  stream.listener = {
    data: (bytes) => {
      queue.came(bytes.length);
      guard(
        call,
        log,
        () => {
          reader.take(bytes);
          share.hold(reader.heldBytes);
        },
        queue.stop,
      );
    },
    ended: () => {
      share.hold(0);
      if (reader.heldBytes > 0) queue.stop(new GrpcError('internal', 'the last message is not whole'));
      else queue.end();
    },
    aborted: () => {
      share.hold(0);
      call.abort();
      queue.stop();
    },
  };
  // Exchanges end by themselves; these do not.
  const endsAtDrain = method.kind !== 'bidi_stream';
  if (endsAtDrain) draining.addEventListener('abort', endOf, { once: true });
  call.startTimer(() => queue.stop());
  connection.running += 1;
  void talk(call, method, queue)
    .catch((error: unknown) => call.fail(errorOf(call.name, error, log)))
    .finally(() => {
      draining.removeEventListener('abort', endOf);
      // What the handler did not care to read makes room for others.
      queue.stop();
      share.hold(0);
      connection.finished();
    });
  if (endsAtDrain && draining.aborted) endOf();
}

async function talk(
  call: ActiveCall,
  method: Exclude<Method, UnaryMethod>,
  messages: AsyncIterable<Uint8Array>,
): Promise<void> {
  switch (method.kind) {
    case 'bidi_stream':
      return pump(call, method.handle(messages, call));
    case 'client_stream':
      return call.answer(await method.handle(messages, call));
    case 'server_stream':
      return pump(call, method.handle(await only(messages), call));
    default:
      return method satisfies never;
  }
}

async function pump(call: ActiveCall, answers: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const message of answers) {
    if (call.over) return;
    await call.send(prefixed(message));
  }
  call.done();
}

async function only(messages: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let first: Uint8Array | undefined;
  for await (const message of messages) {
    if (first !== undefined) throw new GrpcError('unimplemented', 'the method takes one message');
    first = message;
  }
  if (first === undefined) throw new GrpcError('unimplemented', 'the method takes one message');
  return first;
}

/** Takes bytes; what is wrong with them is the status of the call. */
function guard(call: ActiveCall, log: Log, take: () => void, stop?: () => void): void {
  if (call.over) return;
  try {
    take();
  } catch (error) {
    stop?.();
    call.fail(errorOf(call.name, error, log));
    call.abort();
  }
}
