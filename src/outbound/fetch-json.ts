import type { Json } from '../core/json.ts';
import { parseStrictJson } from '../core/strict-json.ts';
import type { Outbound } from './outbound.ts';
import { OutboundError } from './outbound-error.ts';

/** The JSON behind a URL, or why it could not be had, in words that are fit for a log. */
type Fetched = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

const limits = { maxBytes: 1024 ** 2, maxDepth: 16 } as const;

/** Fetches strict JSON of at most 1 MiB: status 200 or nothing, no redirect, no credentials. Never rejects. */
export async function fetchJson(url: string, fetch: Outbound['fetch'], signal: AbortSignal): Promise<Fetched> {
  try {
    const response = await fetch(url, { signal, headers: { accept: 'application/jwk-set+json, application/json' } });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { ok: false, problem: `status ${response.status}` };
    }
    const parsed = parseStrictJson(await response.bytes(), limits);
    return parsed.ok ? parsed : { ok: false, problem: `not strict JSON: ${parsed.problem}` };
  } catch (error) {
    return { ok: false, problem: signal.aborted ? 'timeout' : nameOfFailure(error) };
  }
}

/** The code of the deepest cause: fetch itself only says that it failed. Fit for a log. */
export function nameOfFailure(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  if (inner instanceof OutboundError) return inner.message;
  if (!(inner instanceof Error)) return 'unknown error';
  if (inner.name === 'TimeoutError') return 'timeout';
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.name;
}
