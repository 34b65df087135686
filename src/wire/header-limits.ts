import type { HeaderMutation } from '../core/decision.ts';
import { isHeaderName, proxyHeaders } from '../core/header-name.ts';
import { isHeaderValue } from '../core/header-value.ts';

/** What Envoy takes: it refuses a request or a response with more, after it has applied our mutations. */
const headerLimits = Object.freeze({ count: 100, bytes: 60 * 1024 });

/** What is wrong with a name that we set; undefined when nothing is (RFC 9110 section 5.1, lower case). */
export function nameProblem(name: string): string | undefined {
  if (!isHeaderName(name)) return 'header_name';
  return proxyHeaders.has(name) ? 'header_untouchable' : undefined;
}

/** What is wrong with one header that we set; undefined when nothing is. */
const headerProblem = ({ name, value }: HeaderMutation): string | undefined =>
  nameProblem(name) ?? (isHeaderValue(value) ? undefined : 'header_value');

/** What is wrong with all the headers that we set on one message; undefined when nothing is. */
export function headersProblem(headers: readonly HeaderMutation[]): string | undefined {
  if (headers.length > headerLimits.count) return 'header_count';
  let bytes = 0;
  for (const header of headers) {
    const problem = headerProblem(header);
    if (problem !== undefined) return problem;
    bytes += sizeOf(header);
  }
  return bytes > headerLimits.bytes ? 'header_bytes' : undefined;
}

/** The headers that can be sent as they are, in their order, as far as the limits go. */
export function soundHeaders(headers: readonly HeaderMutation[]): readonly HeaderMutation[] {
  if (headersProblem(headers) === undefined) return headers;
  let bytes = 0;
  return headers
    .filter((header) => {
      if (headerProblem(header) !== undefined || bytes + sizeOf(header) > headerLimits.bytes) return false;
      bytes += sizeOf(header);
      return true;
    })
    .slice(0, headerLimits.count);
}

const sizeOf = ({ name, value }: HeaderMutation): number => name.length + Buffer.byteLength(value);
