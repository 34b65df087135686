import { appendFile } from 'node:fs/promises';
import type { Sink, SinkKind } from '../sink.ts';
import { linesOf } from '../sink.ts';

const ownerOnly = 0o600;

/** A file that is opened for each batch: it can be rotated by renaming it, and a full disk that has room again is found. */
export const file: SinkKind = {
  schema: {
    type: 'object',
    description: 'Audit events appended to a file, one JSON object a line.',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        minLength: 1,
        description:
          'The file, created with mode 0600. It may be renamed at any time: the next events begin a new one.',
      },
    },
  },
  build: (options, context) => {
    const path = options['path'];
    if (typeof path !== 'string' || path === '') {
      context.issue(['path'], 'must be the path of a file');
      return () => ({ inactive: 'it has no path' });
    }
    return () => ({ sink: openFile(path) });
  },
};

function openFile(path: string): Sink {
  // A write that failed half way may have left a torn line: an empty one ends it, so that the next event stands alone.
  let torn = '';
  return {
    write: async (batch) => {
      try {
        await appendFile(path, torn + linesOf(batch), { mode: ownerOnly });
        torn = '';
        return 'written';
      } catch {
        torn = '\n';
        return 'away';
      }
    },
    close: async () => {},
  };
}
