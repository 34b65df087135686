import type { NormalRequest } from '../../core/attributes.ts';

/**
 * Whether a request has no body: none came, and its headers announce none. Over HTTP/2 and HTTP/3 a body need not be
 * announced, and Envoy does not say whether one follows.
 */
export function hasNoBody({ attributes: { body }, headers }: NormalRequest): boolean {
  if (body !== undefined && body.length > 0) return false;
  return !headers.has('transfer-encoding') && (headers.get('content-length') ?? []).every((length) => length === '0');
}
