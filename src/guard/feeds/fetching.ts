import { nameOfFailure } from '../../outbound/fetch-json.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import type { DocumentFacts } from './job.ts';

/** What asking a server came to. */
type Fetched =
  | { readonly kind: 'document'; readonly chunks: readonly Uint8Array[]; readonly facts: DocumentFacts }
  /** The document is the one that we have (304). */
  | { readonly kind: 'unchanged' }
  /** retryAfterMs: how long the server wants to be left alone. */
  | { readonly kind: 'failed'; readonly problem: string; readonly retryAfterMs: number };

/** What is asked for. */
interface Question {
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What we have of it, if we do. */
  readonly known: Pick<DocumentFacts, 'etag' | 'lastModified'> | undefined;
  readonly nowMs: number;
}

// A server that wants a longer rest has made a mistake.
const longestRestMs = 24 * 3_600_000;

/** Asks for a document that may have changed (RFC 9110 section 13): 200, 304, or nothing. Never rejects. */
export async function fetchDocument(
  question: Question,
  fetch: Outbound['fetch'],
  signal: AbortSignal,
): Promise<Fetched> {
  const { url, known, nowMs } = question;
  try {
    const headers = new Headers([['user-agent', 'portcullis']]);
    for (const [name, value] of question.headers) headers.set(name, value);
    if (known?.etag !== undefined) headers.set('if-none-match', known.etag);
    if (known?.lastModified !== undefined) headers.set('if-modified-since', known.lastModified);
    const response = await fetch(url, { headers, signal });
    if (response.status === 200 && response.body !== null) {
      return { kind: 'document', chunks: await chunksOf(response.body), facts: factsOf(response.headers, nowMs) };
    }
    await response.body?.cancel();
    // Who was asked without a condition has no such answer.
    const conditional = headers.has('if-none-match') || headers.has('if-modified-since');
    if (response.status === 304 && conditional) return { kind: 'unchanged' };
    const retryAfterMs = restOf(response.headers.get('retry-after'), nowMs);
    return { kind: 'failed', problem: `status ${response.status}`, retryAfterMs };
  } catch (error) {
    return { kind: 'failed', problem: signal.aborted ? 'timeout' : nameOfFailure(error), retryAfterMs: 0 };
  }
}

const factsOf = (headers: Headers, atMs: number): DocumentFacts => ({
  atMs,
  etag: headers.get('etag') ?? undefined,
  lastModified: headers.get('last-modified') ?? undefined,
});

const pieceBytes = 64 * 1024;

/**
 * The body in pieces of one size, each in memory of its own, which can be handed to another thread: put together it would be
 * copied once more, in one go, and as it came it could be a million pieces of a byte.
 */
async function chunksOf(body: ReadableStream<Uint8Array>): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let open = new Uint8Array(pieceBytes);
  let used = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + pieceBytes - used);
      open.set(part, used);
      used += part.length;
      at += part.length;
      if (used < pieceBytes) continue;
      pieces.push(open);
      open = new Uint8Array(pieceBytes);
      used = 0;
    }
  }
  pieces.push(open.slice(0, used));
  return pieces;
}

/** Retry-After (RFC 9110 section 10.2.3) in milliseconds: seconds, or a date. */
function restOf(text: string | null, nowMs: number): number {
  if (text === null) return 0;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(ms) ? Math.min(longestRestMs, Math.max(0, ms)) : 0;
}
