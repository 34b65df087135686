import type { JsonSchema } from '../core/build.ts';
import { referenceForms } from '../core/reference.ts';
import { algorithms } from './algorithms/index.ts';

const keyDescription = `What has a counter of its own, one of ${referenceForms.join(', ')}. An IPv6 client.address counts as its /64. \
Requests that lack the value share one counter.`;

/** The schema of one entry of the config's `limits` map; ids are letters, digits, `_` and `-`. */
export const limitSchema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  required: ['key', 'rate'],
  description: 'A limit that rules name by its id.',
  properties: {
    key: {
      description: `${keyDescription} Several together count each combination. Required.`,
      oneOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, maxItems: 8, uniqueItems: true },
      ],
    },
    algorithm: {
      enum: Object.keys(algorithms),
      default: 'sliding_window',
      description:
        'How hits are counted. sliding_window: never more than the rate in any window. fixed_window: windows aligned to the epoch. token_bucket: a burst, refilled continuously. Default sliding_window.',
    },
    rate: {
      type: 'string',
      format: 'rate',
      description:
        'Hits in a second, minute, hour or day: "5/s", "100/m", "1000/h", "10000/d"; of response bytes also "500MiB/h". Required.',
    },
    counts: {
      enum: ['requests', 'response_bytes', 'response_records'],
      default: 'requests',
      description:
        'What is counted. response_bytes and response_records are added when a response has passed (ext_proc, envoy/process.yaml): once the limit is used up, the next request is denied. A record is an item of a list at the top of a JSON response or in its outermost object, or a line of NDJSON or CSV. Default requests.',
    },
    burst: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000_000,
      description: "The capacity of a token_bucket, in hits; other algorithms have none. Default: the rate's count.",
    },
    on_store_failure: {
      enum: ['local', 'deny', 'allow'],
      default: 'local',
      description:
        'What happens while the store is away. local: the same algorithm counts in memory. deny: 503. allow: the limit is passed over. Default local.',
    },
    mode: {
      enum: ['enforce', 'shadow'],
      default: 'enforce',
      description: 'shadow: counted on counters of its own and recorded, never a denial. Default enforce.',
    },
  },
});
