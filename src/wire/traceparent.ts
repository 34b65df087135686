import type { TraceContext } from '../core/trail.ts';

const shape = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * The trace in a traceparent (W3C Trace Context, section 3.2): version 00, lower-case hexadecimal, no identifier of zeros
 * alone; undefined when the text is anything else.
 */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  // 55 characters in version 00: a longer text is not worth a match.
  const match = text?.length === 55 ? shape.exec(text) : null;
  if (match === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = match;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
