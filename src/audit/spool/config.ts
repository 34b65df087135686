import type { BuildContext, JsonSchema } from '../../core/build.ts';
import { openReader, readChoice } from '../../core/options.ts';
import type { SpoolConfig } from './spool.ts';

/** How events are kept until their sinks have them. */
export const deliveryNames = ['best_effort', 'spool', 'strict'] as const;

/** A name of them. */
export type DeliveryName = (typeof deliveryNames)[number];

/** The config key `audit.spool` as users write it. */
export interface SpoolKeys {
  readonly directory?: string;
  readonly max_bytes?: string;
  readonly sync?: 'interval' | 'always' | 'never';
}

const syncs = ['interval', 'always', 'never'] as const;

/** The schema of `audit.spool`. */
export const spoolSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'Where events wait on disk, for delivery spool and strict. Default: none.',
  additionalProperties: false,
  required: ['directory'],
  properties: {
    directory: {
      type: 'string',
      minLength: 1,
      description:
        'A directory of its own for each process, on one machine, made with mode 0700; it must stay over restarts.',
    },
    max_bytes: {
      type: 'string',
      format: 'bytes',
      description:
        'The spool is no larger, by a segment at most. When it is full the oldest allows go first, then the oldest of all; a gap event tells each sink. With delivery strict nothing goes, and calls are refused. Default: 1024MiB.',
    },
    sync: {
      enum: syncs,
      description:
        'When the disk is made to keep what was written (fdatasync): every second, after each batch (strict then answers only after that), or when the system likes. A killed process loses nothing of the spool with any of them; a machine that loses its power loses a second with interval. It says nothing of sinks: a file is not synced. Default: interval.',
    },
  },
});

const bounds = { min: 1024 ** 2, max: 1024 ** 4 } as const;

/** Reads `audit.spool` as the delivery wants it; undefined where events wait in memory. */
export function buildSpool(
  delivery: DeliveryName,
  keys: SpoolKeys | undefined,
  context: BuildContext,
): SpoolConfig | undefined {
  const reader = openReader(keys ?? {}, context.issue);
  const folder = reader.text('directory', '');
  const maxBytes = reader.bytes('max_bytes', '1024MiB', bounds);
  const sync = readChoice(reader, context, 'sync', syncs);
  if (delivery === 'best_effort') {
    if (keys !== undefined) context.issue([], 'is for delivery spool or strict: set audit.delivery');
    return undefined;
  }
  if (folder !== '') return { folder, maxBytes, sync };
  context.issue(['directory'], `must be a directory, for delivery is ${delivery}`);
  return undefined;
}
