import type { IncomingMessage } from 'node:http';

/** The body of a request, whole; undefined as soon as it is known to be longer. Rejects when the caller breaks off. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
  request.on('data', (chunk: Uint8Array) => {
    size += chunk.length;
    if (size <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    // The rest is not read: whoever answers closes the connection.
    request.pause();
    resolve(undefined);
  });
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('error', reject);
  return promise;
}
