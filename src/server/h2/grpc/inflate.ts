import { gunzip } from 'node:zlib';
import { GrpcError } from '../../grpc-error.ts';

/** The encodings of messages that are taken. */
export const encodings: readonly string[] = Object.freeze(['identity', 'gzip']);

/** Makes a compressed message whole. Rejects with a GrpcError where it is none, or grows beyond the bound. */
export function inflate(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: maxBytes }, (error, whole) => {
      if (error === null) resolve(whole);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
        reject(new GrpcError('resource_exhausted', `a message grows beyond ${maxBytes} bytes`));
      } else reject(new GrpcError('internal', 'a message is not what its encoding says'));
    });
  });
}
