import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type FeedSource, type FeedSpec, originOf } from '../feed.ts';
import { fetchDocument } from '../fetching.ts';
import type { DocumentFacts } from '../job.ts';
import { failed, type LookDeps, type Source, seen } from './source.ts';

/** A document behind a URL: asked for only if it has changed, and kept in the cache where there is one. */
export function documentSource(
  spec: FeedSpec,
  source: Extract<FeedSource, { readonly kind: 'url' }>,
  { reader, outbound: wayOut, nowMs }: LookDeps,
): Source {
  const { format, limits, cacheDir } = spec;
  const { url, headers, outbound } = source;
  const file = cacheDir === undefined ? undefined : join(cacheDir, cacheName(spec));
  let known: DocumentFacts | undefined;
  return {
    look: async (floor, signal) => {
      const fetched = await fetchDocument({ url, headers, known, nowMs: nowMs() }, wayOut.fetch, signal);
      if (fetched.kind === 'unchanged') return { kind: 'unchanged' };
      if (fetched.kind === 'failed') return failed(fetched.problem, fetched.retryAfterMs);
      const { chunks, facts } = fetched;
      const cache = file === undefined ? undefined : { file, facts };
      const reading = await reader.read({ kind: 'document', format, limits, floor, chunks, cache });
      // Of a document that was refused nothing is known: it is asked for again as a whole.
      if (reading.ok) known = facts;
      return seen(reading, facts.atMs);
    },
    kept:
      file === undefined
        ? undefined
        : async () => {
            const reading = await reader.read({ kind: 'cached', format, limits, file, maxBytes: outbound.maxBytes });
            if (reading.ok) known = reading.facts;
            return seen(reading, (reading.ok ? reading.facts?.atMs : undefined) ?? nowMs());
          },
    expire: undefined,
  };
}

/** The name of the file that keeps a feed's document: its own for every feed, whatever its name. */
export const cacheName = (spec: FeedSpec): string => {
  const digest = createHash('sha256').update(originOf(spec)).digest('hex').slice(0, 16);
  return `${spec.name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64)}-${digest}.feed`;
};
