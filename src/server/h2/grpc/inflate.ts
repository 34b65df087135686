import { gunzip } from 'node:zlib';
import { GrpcError } from '../../grpc-error.ts';

/** The encodings of messages that are taken. */
export const encodings: readonly string[] = Object.freeze(['identity', 'gzip']);

// All at once would grow together, and leave nobody else a thread: whoever proves signatures needs one too.
const atOnce = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** Makes a compressed message whole, when its turn comes. Rejects with a GrpcError where it is none, or grows beyond the bound. */
export async function inflate(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  if (running < atOnce) running += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await gunzipped(bytes, maxBytes);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function gunzipped(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: maxBytes }, (error, whole) => {
      if (error === null) resolve(whole);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
        reject(new GrpcError('resource_exhausted', `a message grows beyond ${maxBytes} bytes`));
      } else reject(new GrpcError('internal', 'a message is not what its encoding says'));
    });
  });
}
