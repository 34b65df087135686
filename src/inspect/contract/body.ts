import { type Reject, reject } from '../../core/verdict.ts';
import type { BodyFormat, Content, ContentLimits } from '../content/content.ts';
import { readGraphqlBody } from '../content/graphql.ts';
import { readContent } from '../content/index.ts';
import type { Reading } from '../reading.ts';
import { checkGraphql, type GraphqlBounds } from './graphql-check.ts';
import { isMistyped } from './mistyped.ts';
import { unreadable } from './refusals.ts';

/** How the bodies of a rule are read. */
export interface BodyReader {
  readonly limits: ContentLimits;
  /** Undefined: JSON is JSON. */
  readonly graphql: GraphqlBounds | undefined;
}

/** Reads a body that was admitted and leaves it for the inspections that follow, or refuses it. */
export function readBody(
  { bytes, body }: { readonly bytes: Uint8Array; readonly body: BodyFormat },
  { limits, graphql }: BodyReader,
  reading: Reading,
): Content | Reject {
  if (isMistyped(body.format, bytes)) {
    const expose = { pointer: '', problem: 'mistyped' };
    return reject('body_malformed', { inspection: 'payload', ...expose }, { expose });
  }
  if (graphql !== undefined && (body.format === 'json' || body.format === 'graphql')) {
    const documents = { maxTokens: graphql.maxTokens, maxDepth: limits.maxDepth };
    const read = readGraphqlBody(bytes, limits, documents, { ...body, format: 'graphql' });
    if (!read.ok) return unreadable(read);
    const refused = checkGraphql(read.requests, graphql);
    if (refused !== undefined) return unreadable(refused);
    reading.content = read.content;
    return read.content;
  }
  const read = readContent(body, bytes, limits);
  if (!read.ok) return unreadable(read);
  reading.content = read.content;
  return read.content;
}
