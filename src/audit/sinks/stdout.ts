import type { Sink, SinkKind } from '../sink.ts';
import { linesOf } from '../sink.ts';

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
      // Without a listener a broken pipe would end the process; the write's own callback tells us as well.
      if (!stream.listeners('error').includes(ignore)) stream.on('error', ignore);
      const sink: Sink = {
        write: (batch) =>
          new Promise((resolve) => {
            stream.write(linesOf(batch), (error) => resolve(error ? 'closed' : 'written'));
          }),
        close: async () => {
          // The stream is the process's own: it stays open, and so does the ear for its errors.
        },
      };
      return { sink };
    },
};

const ignore = (): void => {};
