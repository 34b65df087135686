import {
  type CallOptions,
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { MethodDefinition, PackageDefinition } from '@grpc/proto-loader';

/** How one call is made. */
export interface CallChoice {
  readonly deadlineMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A call under way. */
export interface PendingCall {
  /** The answer in the shape of the official descriptors; rejects with the gRPC ServiceError. */
  readonly answer: Promise<object>;
  cancel(): void;
}

/** A stream under way: iterating it rejects with the gRPC ServiceError that ends it. */
export interface PendingStream {
  readonly answers: AsyncIterator<unknown>;
  cancel(): void;
}

/** A stream both ways. */
export interface PendingExchange extends PendingStream {
  /** Resolves once there is room for more. */
  send(message: object): Promise<void>;
  /** Nothing more will be sent. */
  end(): void;
}

/** A gRPC client that knows the official descriptors and nothing of ours. */
export interface OfficialClient {
  call(method: string, request: object, choice?: CallChoice): PendingCall;
  stream(method: string, request: object): PendingStream;
  exchange(method: string, choice?: Pick<CallChoice, 'metadata'>): PendingExchange;
  close(): void;
}

/** A client for "package.Service/Method" names at a gRPC target; plain text unless credentials are given. */
export function officialClient(
  official: PackageDefinition,
  target: string,
  channel: ChannelCredentials = credentials.createInsecure(),
): OfficialClient {
  // Each client has a connection of its own: a drained server's connection would be shared otherwise.
  const client = new Client(target, channel, { 'grpc.use_local_subchannel_pool': 1 });
  return {
    call: (method, request, choice = {}) => {
      const { path, requestSerialize, responseDeserialize } = methodOf(official, method);
      const { promise, resolve, reject } = Promise.withResolvers<object>();
      const metadata = metadataOf(choice);
      const options: CallOptions =
        choice.deadlineMs === undefined ? {} : { deadline: new Date(Date.now() + choice.deadlineMs) };
      const done = (error: ServiceError | null, answer?: object): void =>
        error === null && answer !== undefined ? resolve(answer) : reject(error);
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        done,
      );
      return { answer: promise, cancel: () => call.cancel() };
    },
    stream: (method, request) => {
      const { path, requestSerialize, responseDeserialize } = methodOf(official, method);
      const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
      // A cancelled stream that nobody reads any more ends with an error that nobody misses.
      call.on('error', () => {});
      return { answers: call[Symbol.asyncIterator](), cancel: () => call.cancel() };
    },
    exchange: (method, choice = {}) => {
      const { path, requestSerialize, responseDeserialize } = methodOf(official, method);
      const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadataOf(choice));
      call.on('error', () => {});
      const send = async (message: object): Promise<void> => {
        if (!call.write(message)) await new Promise<void>((resolve) => call.once('drain', resolve));
      };
      return { send, end: () => call.end(), answers: call[Symbol.asyncIterator](), cancel: () => call.cancel() };
    },
    close: () => client.close(),
  };
}

function metadataOf({ metadata = {} }: Pick<CallChoice, 'metadata'>): Metadata {
  const entries = new Metadata();
  for (const [name, value] of Object.entries(metadata)) entries.set(name, value);
  return entries;
}

/** The official definition of a "package.Service/Method". */
export function methodOf(official: PackageDefinition, name: string): MethodDefinition<object, object> {
  const [service = '', method = ''] = name.split('/');
  const found = official[service];
  const row = found !== undefined && !('format' in found) ? found[method] : undefined;
  if (row === undefined) throw new TypeError(`the official descriptors have no ${name}`);
  return row;
}
