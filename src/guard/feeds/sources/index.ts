import type { FeedSpec } from '../feed.ts';
import { formats } from '../formats/index.ts';
import { documentSource } from './document.ts';
import { fileSource } from './file.ts';
import type { LookDeps, Source } from './source.ts';
import { streamSource } from './stream.ts';

/** Opens the source that a spec names; asks nobody yet. */
export function openSource(spec: FeedSpec, deps: LookDeps): Source {
  const { source } = spec;
  if (source.kind === 'file') return fileSource(spec, source, deps);
  const format = formats[spec.format];
  return format.kind === 'stream' ? streamSource(spec, source, format, deps) : documentSource(spec, source, deps);
}
