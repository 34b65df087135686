import type { Json } from '../../core/json.ts';
import { parseStrictJson } from '../../core/strict-json.ts';

/** The JSON behind a URL, or why it could not be had, in words that are fit for a log. */
type Fetched = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

const maxBytes = 1024 ** 2;

/** Fetches strict JSON of at most 1 MiB: status 200 or nothing, no redirect, no credentials. Never rejects. */
export async function fetchJson(url: string, fetcher: typeof fetch, signal: AbortSignal): Promise<Fetched> {
  try {
    const response = await fetcher(url, {
      redirect: 'manual',
      signal,
      credentials: 'omit',
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { ok: false, problem: `status ${response.status}` };
    }
    const bytes = await readBounded(response);
    if (bytes === undefined) return { ok: false, problem: `more than ${maxBytes} bytes` };
    const parsed = parseStrictJson(bytes, { maxBytes, maxDepth: 16 });
    return parsed.ok ? parsed : { ok: false, problem: `not strict JSON: ${parsed.problem}` };
  } catch (error) {
    return { ok: false, problem: signal.aborted ? 'timeout' : nameOf(error) };
  }
}

async function readBounded(response: Response): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream.
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The code of the deepest cause: fetch itself only says that it failed. */
function nameOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  if (inner instanceof Error && 'code' in inner && typeof inner.code === 'string') return inner.code;
  return inner instanceof Error ? inner.name : 'unknown error';
}
