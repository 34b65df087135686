import { type FeedSource, type FeedSpec, originOf } from '../feed.ts';
import { fetchDocument } from '../fetching.ts';
import type { StreamFormat } from '../formats/format.ts';
import { failed, type Look, type LookDeps, type Source, seen } from './source.ts';

/** Decisions behind a URL: all of them first and after each failure, else what has changed since the last look. */
export function streamSource(
  spec: FeedSpec,
  source: Extract<FeedSource, { readonly kind: 'url' }>,
  format: StreamFormat,
  { reader, outbound, nowMs }: LookDeps,
): Source {
  const origin = originOf(spec);
  const headers = [...format.headers, ...source.headers];
  let startup = true;
  const ask = async (floor: number, signal: AbortSignal): Promise<Look> => {
    const url = format.urlOf(source.url, startup);
    const fetched = await fetchDocument({ url, headers, known: undefined, nowMs: nowMs() }, outbound.fetch, signal);
    if (fetched.kind === 'failed') return failed(fetched.problem, fetched.retryAfterMs);
    if (fetched.kind === 'unchanged') return { kind: 'unchanged' };
    const { limits } = spec;
    const { chunks, facts } = fetched;
    const now = facts.atMs;
    return seen(await reader.read({ kind: 'decisions', origin, limits, floor, startup, chunks, nowMs: now }), now);
  };
  return {
    look: async (floor, signal) => {
      const look = await ask(floor, signal);
      startup = look.kind === 'failed' || look.kind === 'refused';
      return look;
    },
    kept: undefined,
    expire: async () => {
      const now = nowMs();
      return seen(await reader.read({ kind: 'expire', origin, nowMs: now }), now);
    },
  };
}
