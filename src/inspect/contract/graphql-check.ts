import { excessive, malformed } from '../content/collector.ts';
import type { Unreadable } from '../content/content.ts';
import type { GraphqlRequest } from '../content/graphql-request.ts';
import { measureDocument } from './graphql-measure.ts';
import type { GraphqlOptions } from './graphql-options.ts';

/** What may be asked of a GraphQL server, every bound stated. */
export interface GraphqlBounds {
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxTokens: number;
  readonly maxBatch: number;
  readonly maxDirectives: number;
  readonly maxFields: number;
  readonly introspection: boolean;
  readonly persisted: boolean;
}

/** The bounds that hold where the options say nothing. */
export const boundsOf = (options: GraphqlOptions): GraphqlBounds => ({
  maxDepth: options.max_depth ?? 10,
  maxAliases: options.max_aliases ?? 30,
  maxTokens: options.max_tokens ?? 1000,
  maxBatch: options.max_batch ?? 1,
  maxDirectives: options.max_directives ?? 50,
  maxFields: options.max_fields ?? 500,
  introspection: options.introspection === 'allow',
  persisted: options.persisted === 'allow',
});

function checkRequest(
  { document, operationName, pointer }: GraphqlRequest,
  bounds: GraphqlBounds,
): Unreadable | undefined {
  if (document === undefined) return bounds.persisted ? undefined : malformed('persisted_query', pointer);
  const measured = measureDocument(document);
  if (typeof measured === 'string') return malformed(measured, pointer);
  const names = measured.map(({ operation }) => operation.name?.value);
  // GraphQL October 2021, sections 5.2.1 and 6.1: names are unique, and one of several operations is named.
  if (new Set(names).size !== names.length) return malformed('operation_duplicate', pointer);
  const chosen = operationName === undefined ? names.length === 1 : names.includes(operationName);
  if (!chosen) return malformed('operation_name', pointer);
  for (const { measure } of measured) {
    if (measure.introspects && !bounds.introspection) return malformed('introspection', pointer);
    if (measure.depth > bounds.maxDepth) return excessive('depth', pointer);
    if (measure.fields > bounds.maxFields) return excessive('too_many_fields', pointer);
    if (measure.aliases > bounds.maxAliases) return excessive('too_many_aliases', pointer);
    if (measure.directives > bounds.maxDirectives) return excessive('too_many_directives', pointer);
  }
  return undefined;
}

/** Why the requests of one body are not let through; undefined: they are. */
export function checkGraphql(requests: readonly GraphqlRequest[], bounds: GraphqlBounds): Unreadable | undefined {
  if (requests.length > bounds.maxBatch) return excessive('too_many_requests');
  for (const request of requests) {
    const refused = checkRequest(request, bounds);
    if (refused !== undefined) return refused;
  }
  return undefined;
}
