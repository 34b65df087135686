import { availableParallelism } from 'node:os';
import type { BuildContext, JsonSchema } from '../../core/build.ts';
import { parseBytes, parseDurationMs } from '../../core/units.ts';
import type { PoolLimits } from './pool.ts';

/** `inspection` as it is configured. */
export interface InspectionLimitOptions {
  readonly threads?: number | undefined;
  readonly queue?: number | undefined;
  readonly timeout?: string | undefined;
  readonly inline_bytes?: string | undefined;
}

/** JSON Schema of `inspection`. */
export const inspectionLimitsSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'How large payloads are inspected: on threads of their own, so that other calls need not wait for them. Read at start; a change needs a restart.',
  additionalProperties: false,
  properties: {
    threads: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      description: 'Threads that inspect. Default: one less than there are processors, at least 1 and at most 4.',
    },
    queue: {
      type: 'integer',
      minimum: 0,
      maximum: 100_000,
      default: 128,
      description: 'Payloads that may wait for a thread; one more is a failure, 503. Default: 128.',
    },
    timeout: {
      type: 'string',
      format: 'duration',
      default: '500ms',
      description:
        'How long one payload may take, waiting included; after that it is a failure, 503. At least 10ms. Default: 500ms.',
    },
    inline_bytes: {
      type: 'string',
      format: 'bytes',
      default: '8KiB',
      description: 'Bodies of up to this size are inspected at once, without a thread. At most 64KiB. Default: 8KiB.',
    },
  },
});

const mostInlineBytes = 64 * 1024;
const leastTimeoutMs = 10;

/** Fills in the defaults; issues go to the context. */
export function buildPoolLimits(options: InspectionLimitOptions | undefined, context: BuildContext): PoolLimits {
  const { threads, queue = 128, timeout = '500ms', inline_bytes = '8KiB' } = options ?? {};
  const timeoutMs = parseDurationMs(timeout) ?? 0;
  if (timeoutMs < leastTimeoutMs) context.issue(['timeout'], 'not a duration of at least 10ms, such as 500ms');
  const inlineBytes = parseBytes(inline_bytes) ?? Number.POSITIVE_INFINITY;
  if (inlineBytes > mostInlineBytes) context.issue(['inline_bytes'], 'not a size of at most 64KiB, such as 8KiB');
  return {
    threads: threads ?? Math.min(4, Math.max(1, availableParallelism() - 1)),
    queue,
    timeoutMs,
    inlineBytes,
  };
}
