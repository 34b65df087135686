import { openReader, readChoice } from '../../core/options.ts';
import { linesOf } from '../../sinks/lines.ts';
import type { SinkKind } from '../sink.ts';
import { deliveredOf, openPost, readTarget, targetSchema } from './http.ts';

const bodies = ['lines', 'array'] as const;

/** A plain HTTP receiver: each batch is the body of a POST. */
export const webhook: SinkKind = {
  schema: {
    type: 'object',
    description: 'Audit events posted to a URL, a batch at a time; any 2xx takes it.',
    additionalProperties: false,
    required: ['url'],
    properties: {
      ...targetSchema('the token that is sent as authorization: Bearer'),
      body: {
        enum: bodies,
        description:
          'One event a line (application/x-ndjson, text/plain for CEF), or a JSON array (application/json). Default: lines.',
      },
    },
  },
  build: (options, context, { json }) => {
    const target = readTarget(options, context);
    const body = readChoice(openReader(options, context.issue), context, 'body', bodies);
    const type = !json ? 'text/plain; charset=utf-8' : body === 'array' ? 'application/json' : 'application/x-ndjson';
    if (body === 'array' && !json) context.issue(['body'], 'an array holds JSON: cef goes by lines');
    return ({ clock }) => {
      const { post, close } = openPost(target, 'Bearer', clock);
      const sink = {
        write: async (batch: Parameters<typeof linesOf>[0]) => {
          const text = body === 'array' ? `[${batch.map(({ line }) => line).join()}]` : linesOf(batch);
          return deliveredOf(await post(text, type));
        },
        close,
      };
      return { sink };
    };
  },
};
