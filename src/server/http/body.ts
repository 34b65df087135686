import type { IncomingMessage } from 'node:http';
import { unlessAborted } from '../../core/patience.ts';

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

/** Whether a body comes with a request (RFC 9112 section 6.3). */
export const announcesBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** What bodies from anybody may cost. */
interface BodyBounds {
  readonly maxBytes: number;
  /** Milliseconds from the headers to the end of the body. */
  readonly timeoutMs: number;
  /** So many bodies are waited for at once. */
  readonly atOnce: number;
}

/** Why there is no body: it is too long, did not come in time, or too many others are waited for. */
export type BodyFault = 'too_long' | 'overdue' | 'busy';

/** Reads the bodies of one listener within bounds that they share. The promise rejects when the caller breaks off. */
export function openBodyReader(bounds: BodyBounds): (request: IncomingMessage) => Promise<Uint8Array | BodyFault> {
  let reading = 0;
  return async (request) => {
    if (reading >= bounds.atOnce) return 'busy';
    reading += 1;
    try {
      const body = readBody(request, bounds.maxBytes).then((bytes) => bytes ?? ('too_long' as const));
      return await unlessAborted(body, AbortSignal.timeout(bounds.timeoutMs), 'overdue' as const);
    } finally {
      reading -= 1;
    }
  };
}
