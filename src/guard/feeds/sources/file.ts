import { stat } from 'node:fs/promises';
import type { FeedSource, FeedSpec } from '../feed.ts';
import { type LookDeps, type Source, seen } from './source.ts';

/** A file that somebody else writes: read again when it has changed. */
export function fileSource(
  { format, limits }: FeedSpec,
  { file, maxBytes }: Extract<FeedSource, { readonly kind: 'file' }>,
  { reader, nowMs }: Pick<LookDeps, 'reader' | 'nowMs'>,
): Source {
  let known: string | undefined;
  return {
    look: async (floor) => {
      // Before it is read: what is written meanwhile is seen at the next look.
      const signature = await signatureOf(file);
      if (signature !== undefined && signature === known) return { kind: 'unchanged' };
      const reading = await reader.read({ kind: 'file', format, limits, floor, file, maxBytes });
      known = reading.ok ? signature : undefined;
      return seen(reading, nowMs());
    },
    kept: undefined,
    expire: undefined,
  };
}

const signatureOf = (file: string): Promise<string | undefined> =>
  stat(file).then(
    ({ dev, ino, size, mtimeMs, ctimeMs }) => [dev, ino, size, mtimeMs, ctimeMs].join(),
    () => undefined,
  );
