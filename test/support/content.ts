import assert from 'node:assert/strict';
import type { ContentLimits, ReadContent } from '../../src/inspect/content/content.ts';
import { formatOf, readContent } from '../../src/inspect/content/index.ts';

const limits: ContentLimits = { maxBytes: 65_536, maxDepth: 16, maxFields: 100, maxParts: 5 };

/** Reads a body as its Content-Type says; a string is its UTF-8. */
export function read(type: string, body: string | Uint8Array, bounds: Partial<ContentLimits> = {}): ReadContent {
  const format = formatOf(type);
  assert.ok(format, type);
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  return readContent(format, bytes, { ...limits, ...bounds });
}

/** The texts of a body as "role pointer text", or its problem, with "+" where a bound was exceeded. */
export function texts(...body: Parameters<typeof read>): readonly string[] | string {
  const result = read(...body);
  if (!result.ok)
    return `${result.excess ? '+' : ''}${result.problem}${result.pointer === '' ? '' : ` ${result.pointer}`}`;
  return result.content.fields.map(({ role, name, text }) => `${role} ${name} ${text}`);
}

/** The value that schemas see. */
export function value(...body: Parameters<typeof read>): unknown {
  const result = read(...body);
  assert.ok(result.ok, JSON.stringify(result));
  // Objects without prototype are compared as plain ones.
  return result.content.value === undefined ? undefined : JSON.parse(JSON.stringify(result.content.value));
}
