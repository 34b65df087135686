import { type FileHandle, open, stat } from 'node:fs/promises';
import { openReader } from '../../core/options.ts';
import type { AuditEvent } from '../ocsf.ts';
import type { Sink, SinkEnvironment, SinkKind } from '../sink.ts';
import { linesOf } from '../sink.ts';
import { type Rotation, rotate } from './rotation.ts';

const ownerOnly = 0o600;
const limits = { minBytes: 1024, maxBytes: 1024 ** 4, minMs: 60_000, maxMs: 366 * 86_400_000, files: 10_000 } as const;

/** A file that is opened for each batch: it can be rotated by renaming it, and a full disk that has room again is found. */
export const file: SinkKind = {
  schema: {
    type: 'object',
    description: 'Audit events appended to a file, one a line.',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description:
          'The file, created with mode 0600. It may be renamed at any time: the next events begin a new one.',
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
        description: 'The file is renamed to PATH.TIME when it is older, at the next event. Default: no bound.',
      },
      keep: {
        type: 'integer',
        minimum: 1,
        maximum: limits.files,
        description: 'So many renamed files are kept, the youngest. Default: all.',
      },
    },
  },
  build: (options, context) => {
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
    if (typeof path !== 'string' || path === '') {
      context.issue(['path'], 'must be the path of a file');
      return () => ({ inactive: 'it has no path' });
    }
    return ({ clock }) => ({ sink: openFile(path, rotation, clock) });
  },
};

function openFile(path: string, rotation: Rotation, clock: SinkEnvironment['clock']): Sink {
  // Whoever wrote last may have been killed in the middle of a line: an empty one ends it, so that the next event stands alone.
  let torn: boolean | undefined;
  // What a write that failed half way has written of its batch, which comes again.
  let begun: { readonly first: AuditEvent | undefined; readonly lines: number } | undefined;
  const append = async (bytes: Buffer, written: (bytes: number) => void): Promise<void> => {
    await rotate(path, bytes.byteLength, rotation, clock.nowMs());
    torn ??= await isTorn(path);
    const handle = await open(path, 'a', ownerOnly);
    try {
      if (torn) await handle.write('\n');
      torn = false;
      for (let at = 0; at < bytes.byteLength; written(at)) at += (await handle.write(bytes, at)).bytesWritten;
    } finally {
      await handle.close();
    }
  };
  return {
    write: async (batch) => {
      let lines = begun?.first === batch[0] ? (begun?.lines ?? 0) : 0;
      let part = Buffer.alloc(0);
      let written = 0;
      try {
        while (lines < batch.length) {
          const events = fitting(batch.slice(lines), rotation.maxBytes);
          part = Buffer.from(linesOf(events));
          written = 0;
          await append(part, (bytes) => {
            written = bytes;
          });
          lines += events.length;
        }
        begun = undefined;
        return 'written';
      } catch {
        torn = undefined;
        begun = { first: batch[0], lines: lines + countLines(part.subarray(0, written)) };
        return 'away';
      }
    },
    close: async () => {},
  };
}

/** As many of the first events as a file may hold; at least one. */
function fitting(batch: readonly AuditEvent[], maxBytes = Number.POSITIVE_INFINITY): readonly AuditEvent[] {
  let bytes = 0;
  const end = batch.findIndex(({ line }, index) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes > maxBytes && index > 0;
  });
  return end === -1 ? batch : batch.slice(0, end);
}

const countLines = (bytes: Buffer): number => bytes.toString('latin1').split('\n').length - 1;

/** Whether a file ends in the middle of a line; what is no file, or is not there, does not. */
async function isTorn(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size === 0) return false;
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, found.size - 1);
    return buffer[0] !== 0x0a;
  } catch {
    // Not ours to read: an empty line does no harm.
    return true;
  } finally {
    await handle?.close();
  }
}
