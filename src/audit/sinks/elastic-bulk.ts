import { isObject } from '../../core/json.ts';
import { openReader } from '../../core/options.ts';
import type { AuditEvent } from '../ocsf.ts';
import type { Delivered, Sink, SinkKind } from '../sink.ts';
import { deliveredOf, openPost, readTarget, targetSchema } from './http.ts';

/** The _bulk API of Elasticsearch and OpenSearch: each event is created under its own id, so that none is there twice. */
export const elasticBulk: SinkKind = {
  schema: {
    type: 'object',
    description: 'Audit events to the _bulk API of Elasticsearch or OpenSearch, whose URL ends with /_bulk.',
    additionalProperties: false,
    required: ['url', 'index'],
    properties: {
      ...targetSchema('the API key, base64 of id:key, sent as authorization: ApiKey'),
      index: {
        type: 'string',
        minLength: 1,
        description: 'The index or data stream, like logs-portcullis.audit-default. A data stream wants encoding ecs.',
      },
    },
  },
  build: (options, context, { json }) => {
    const target = readTarget(options, context);
    const index = openReader(options, context.issue).text('index', '');
    if (!json) context.issue(['encoding'], 'must be ocsf or ecs: an index holds JSON');
    return ({ clock }) => {
      const { post, close } = openPost(target, 'ApiKey', clock);
      const entry = ({ uid, line }: AuditEvent): string =>
        `${JSON.stringify({ create: { _index: index, _id: uid } })}\n${line}\n`;
      const sink: Sink = {
        write: async (batch) => {
          const answer = await post(batch.map(entry).join(''), 'application/x-ndjson');
          const whole = deliveredOf(answer);
          return whole === 'written' && answer !== undefined ? judged(batch, answer.body) : whole;
        },
        close,
      };
      return { sink };
    };
  },
};

const conflict = 409;
const tooMany = 429;

/** What the answer to a batch says of each event. */
function judged(batch: readonly AuditEvent[], body: string): Delivered {
  const items = itemsOf(body);
  // A 2xx that is no answer of this API: whoever gave it may not have the batch.
  if (items === undefined || items.length !== batch.length) return 'away';
  const again = new Set<AuditEvent>();
  const refused = new Set<AuditEvent>();
  for (const [index, event] of batch.entries()) {
    const status = statusOf(items[index]);
    // A conflict: a try before has created it.
    if ((status >= 200 && status < 300) || status === conflict) continue;
    (status === tooMany || status >= 500 ? again : refused).add(event);
  }
  return again.size + refused.size === 0 ? 'written' : { again, refused };
}

function itemsOf(body: string): readonly unknown[] | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return isObject(answer) && Array.isArray(answer['items']) ? answer['items'] : undefined;
  } catch {
    return undefined;
  }
}

function statusOf(item: unknown): number {
  const created = isObject(item) ? item['create'] : undefined;
  const status = isObject(created) ? created['status'] : undefined;
  return typeof status === 'number' ? status : tooMany;
}
