import { connect } from 'node:net';
import { waitFor } from '../../src/envoy/condition.ts';

/** A frame as it came. */
export interface WireFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client of HTTP/2 that sends whatever it is told, right or wrong. */
export interface WireClient {
  readonly frames: readonly WireFrame[];
  send(type: number, flags: number, stream: number, payload?: Uint8Array): void;
  /** Bytes that need not be frames. */
  write(bytes: Uint8Array): void;
  /** The first frame for which this holds, that has come or will come. */
  frame(what: string, holds: (frame: WireFrame) => boolean): Promise<WireFrame>;
  /** Resolves when the server has closed its side; ours stays open until it is destroyed. */
  readonly closed: Promise<void>;
  /** Reads no more, or does so again. */
  pause(): void;
  resume(): void;
  /** Ends our side, and still reads. */
  hangUp(): void;
  destroy(): void;
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A frame in bytes (RFC 9113 section 4.1). */
export function frameBytes(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = new Uint8Array(),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block whose fields nobody has to remember (RFC 7541 section 6.2.2), names and values below 127 bytes. */
export const headerBlock = (fields: readonly (readonly [name: string, value: string])[]): Buffer =>
  Buffer.concat(
    fields.flatMap(([name, value]) => [
      Buffer.of(0, name.length),
      Buffer.from(name),
      Buffer.of(value.length),
      Buffer.from(value),
    ]),
  );

/** The head of a call. */
export const callHead = (path: string, more: readonly (readonly [string, string])[] = []): Buffer =>
  headerBlock([
    [':method', 'POST'],
    [':scheme', 'http'],
    [':path', path],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...more,
  ]);

/** Connects to "host:port"; greets as a client does, unless it is told not to. */
export function dial(address: string, greets = true): WireClient {
  const [host = '', port = ''] = address.split(':');
  const socket = connect({ port: Number(port), host, allowHalfOpen: true });
  const frames: WireFrame[] = [];
  let rest = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      frames.push({
        type: rest[3] ?? 0,
        flags: rest[4] ?? 0,
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(9, end),
      });
      rest = rest.subarray(end);
    }
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once('end', () => resolve());
    socket.once('close', () => resolve());
  });
  if (greets) socket.write(Buffer.concat([preface, frameBytes(4, 0, 0)]));
  return {
    frames,
    send: (...frame) => void socket.write(frameBytes(...frame)),
    write: (bytes) => void socket.write(bytes),
    frame: async (what, holds) => {
      let found: WireFrame | undefined;
      await waitFor({
        what,
        holds: async () => {
          found = frames.find(holds);
          return found !== undefined;
        },
      });
      if (found === undefined) throw new Error(`no ${what}`);
      return found;
    },
    closed,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    hangUp: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}

/** Whether a frame ends the connection with this error code. */
export const isGoaway =
  (code: number) =>
  ({ type, payload }: WireFrame): boolean =>
    type === 7 && payload.readUInt32BE(4) === code;

/** Whether a frame ends this stream with this error code. */
export const isReset =
  (stream: number, code: number) =>
  (frame: WireFrame): boolean =>
    frame.type === 3 && frame.stream === stream && frame.payload.readUInt32BE(0) === code;
