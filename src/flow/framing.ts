import { type HeaderMap, singleHeader } from '../core/attributes.ts';
import type { HeadMutation } from '../core/processing.ts';

/** A head that goes on as it came. */
export const noMutation: HeadMutation = Object.freeze({ set: [], remove: [] });

// What a head says of the very bytes of its body: RFC 9110 sections 8.8.3 and 14.3, RFC 9530, and their forerunners.
const aboutBytes: readonly string[] = Object.freeze([
  'etag',
  'accept-ranges',
  'content-digest',
  'repr-digest',
  'digest',
  'content-md5',
]);

/** Names of the headers that do not hold any more once the body is another one; its length is not among them. */
export const staleHeaders = (headers: HeaderMap): readonly string[] => aboutBytes.filter((name) => headers.has(name));

/** The mutation of a head that leaves before its body is known, where that body may change. */
export const unframed = (head: HeadMutation, headers: HeaderMap): HeadMutation =>
  withRemoved(head, ['content-length', ...staleHeaders(headers)]);

/** A part of an answer may hold what the whole would not show, and is nothing to change: only wholes are asked for. */
export const askForWhole = (head: HeadMutation, headers: HeaderMap): HeadMutation =>
  withRemoved(
    head,
    ['range', 'if-range'].filter((name) => headers.has(name)),
  );

const withRemoved = (head: HeadMutation, names: readonly string[]): HeadMutation =>
  names.length === 0 ? head : { ...head, remove: [...new Set([...head.remove, ...names])] };

/** The length that a head states; undefined when it states none, or none that can be read. */
export function statedLength(headers: HeaderMap): number | undefined {
  const text = singleHeader(headers, 'content-length') ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
