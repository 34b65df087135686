import type { NormalRequest } from '../../core/attributes.ts';

/** Whether a request has no body: none came, and its headers announce none. */
export function hasNoBody({ attributes: { body }, headers }: NormalRequest): boolean {
  if (body !== undefined && body.length > 0) return false;
  return !headers.has('transfer-encoding') && (headers.get('content-length') ?? []).every((length) => length === '0');
}
