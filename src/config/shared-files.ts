import { resolve } from 'node:path';
import type { BuildContext, Path } from '../core/build.ts';
import { isObject, own } from '../core/json.ts';

interface WithSinks {
  readonly sinks?: readonly unknown[];
}

/** The keys of a config that name files to write. */
interface WrittenFiles {
  readonly audit?: WithSinks;
  readonly access_log?: WithSinks;
}

/**
 * Reports files that two sinks write, of audit or of the access log: each would rotate the file under the other, and lines of
 * one would stand in the chain of the other.
 */
export function reportSharedFiles({ audit, access_log: accessLog }: WrittenFiles, context: BuildContext): void {
  const writers = new Map<string, string>();
  const look = (key: 'audit' | 'access_log', sinks: readonly unknown[]): void => {
    for (const [index, sink] of sinks.entries()) {
      const options = isObject(sink) ? own(sink, 'file') : undefined;
      const written = isObject(options) ? own(options, 'path') : undefined;
      if (typeof written !== 'string') continue;
      const path = resolve(written);
      const writer = writers.get(path);
      const place: Path = [key, 'sinks', index, 'file', 'path'];
      if (writer === undefined) writers.set(path, `${key}.sinks[${index}]`);
      else context.issue(place, `is the file of ${writer} too: two writers would tear it`);
    }
  };
  look('audit', audit?.sinks ?? []);
  look('access_log', accessLog?.sinks ?? []);
}
