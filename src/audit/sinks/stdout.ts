import { linesOf } from '../../sinks/lines.ts';
import { openStream } from '../../sinks/stream.ts';
import type { SinkKind } from '../sink.ts';

/** Standard output, one JSON object a line. What reads it may be gone (EPIPE): then the sink is closed, and the process lives on. */
export const stdout: SinkKind = {
  schema: {
    type: 'object',
    description: 'Audit events on standard output, one JSON object a line. No options.',
    additionalProperties: false,
    properties: {},
  },
  build:
    () =>
    ({ stdout: stream }) => {
      const write = openStream(stream);
      return {
        sink: {
          write: (batch) => write(linesOf(batch)),
          close: async () => {
            // The stream is the process's own: it stays open.
          },
        },
      };
    },
};
