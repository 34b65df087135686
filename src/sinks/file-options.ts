import type { BuildContext, JsonSchema } from '../core/build.ts';
import { openReader } from '../core/options.ts';
import type { Rotation } from './rotation.ts';

/** A file that lines are appended to, as configured. */
export interface FileTarget {
  readonly path: string;
  readonly rotation: Rotation;
}

const limits = { minBytes: 1024, maxBytes: 1024 ** 4, minMs: 60_000, maxMs: 366 * 86_400_000, files: 10_000 } as const;

/** The schema of a file that lines are appended to; what: the lines, as in "Audit events". */
export const fileSchema = (what: string): JsonSchema => ({
  type: 'object',
  description: `${what} appended to a file, one a line.`,
  additionalProperties: false,
  required: ['path'],
  properties: {
    path: {
      type: 'string',
      minLength: 1,
      description: 'The file, created with mode 0600. It may be renamed at any time: the next lines begin a new one.',
    },
    max_bytes: {
      type: 'string',
      format: 'bytes',
      description:
        'The file is renamed to PATH.TIME before it would be larger. A file that is rotated here belongs to one process. Default: no bound.',
    },
    max_age: {
      type: 'string',
      format: 'duration',
      description: 'The file is renamed to PATH.TIME when it is older, at the next line. Default: no bound.',
    },
    keep: {
      type: 'integer',
      minimum: 1,
      maximum: limits.files,
      description: 'So many renamed files are kept, the youngest. Default: all.',
    },
  },
});

/** Reads the options of a file; undefined, with an issue reported, where it has no path. */
export function readFileTarget(
  options: Readonly<Record<string, unknown>>,
  context: BuildContext,
): FileTarget | undefined {
  const reader = openReader(options, context.issue);
  const path = options['path'];
  const rotation: Rotation = {
    maxBytes: reader.has('max_bytes')
      ? reader.bytes('max_bytes', '1MiB', { min: limits.minBytes, max: limits.maxBytes })
      : undefined,
    maxAgeMs: reader.has('max_age')
      ? reader.durationMs('max_age', '1d', { minMs: limits.minMs, maxMs: limits.maxMs })
      : undefined,
    keep: reader.has('keep') ? reader.integer('keep', 1, { min: 1, max: limits.files }) : undefined,
  };
  if (rotation.keep !== undefined && rotation.maxBytes === undefined && rotation.maxAgeMs === undefined) {
    context.issue(['keep'], 'says how many rotated files stay: set max_bytes or max_age too');
  }
  if (typeof path === 'string' && path !== '') return { path, rotation };
  context.issue(['path'], 'must be the path of a file');
  return undefined;
}
