import type { NormalRequest } from '../../core/attributes.ts';
import type { Json } from '../../core/json.ts';
import { parseStrictJson } from '../../core/strict-json.ts';
import { malformed } from '../content/collector.ts';
import type { Unreadable } from '../content/content.ts';
import { type DocumentLimits, type GraphqlRequest, requestOf } from '../content/graphql-request.ts';
import { readQuery } from './openapi/query-reading.ts';

const names = ['query', 'variables', 'operationName', 'extensions'] as const;
const encode = new TextEncoder();

/** Whether the URL carries a member of a GraphQL request: beside a body, some servers take the one and some the other. */
export function speaksGraphql({ query }: NormalRequest): boolean {
  const read = readQuery(query);
  return typeof read === 'string' || names.some((name) => read.values.has(name));
}

/** The GraphQL request that a URL carries (GraphQL over HTTP, section 5.2): each member once, variables and extensions as JSON. */
export function requestOfUrl(
  { query }: NormalRequest,
  limits: DocumentLimits,
): { readonly ok: true; readonly value: GraphqlRequest } | Unreadable {
  const read = readQuery(query);
  if (typeof read === 'string') return malformed(read, '/query');
  const members: Record<string, Json> = Object.create(null);
  for (const name of names) {
    const [text, ...others] = read.values.get(name) ?? [];
    if (text === undefined) continue;
    if (others.length > 0) return malformed('repeated', `/${name}`);
    const isText = name === 'query' || name === 'operationName';
    const parsed = isText ? undefined : parseStrictJson(encode.encode(text), { maxDepth: limits.maxDepth });
    if (parsed?.ok === false) return malformed(parsed.problem, `/${name}`);
    members[name] = parsed === undefined ? text : parsed.value;
  }
  return requestOf(members, limits, '');
}
