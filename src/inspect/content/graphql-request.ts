import { type DocumentNode, Lexer, parse, Source, TokenKind } from 'graphql/language';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { below, excessive, malformed } from './collector.ts';
import type { Unreadable } from './content.ts';

/** One request of GraphQL over HTTP. */
export interface GraphqlRequest {
  /** Undefined: a persisted query, of which only the extensions tell. */
  readonly document: DocumentNode | undefined;
  readonly operationName: string | undefined;
  /** Where the document stands: RFC 6901. */
  readonly pointer: string;
}

/** Bounds of a document before anybody looks at what it asks for. */
export interface DocumentLimits {
  readonly maxTokens: number;
  /** Brackets of any kind within each other. */
  readonly maxDepth: number;
}

type Parsed<T> = { readonly ok: true; readonly value: T } | Unreadable;

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.PAREN_L, TokenKind.BRACKET_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.PAREN_R, TokenKind.BRACKET_R]);

/** Counts before the parser runs, for it takes a stack as deep as the document. */
function boundsOf(source: Source, { maxTokens, maxDepth }: DocumentLimits, pointer: string): Unreadable | undefined {
  const lexer = new Lexer(source);
  let depth = 0;
  for (let tokens = 0; lexer.advance().kind !== TokenKind.EOF; tokens += 1) {
    if (tokens >= maxTokens) return excessive('too_many_tokens', pointer);
    if (opening.has(lexer.token.kind)) depth += 1;
    if (closing.has(lexer.token.kind)) depth -= 1;
    if (depth > maxDepth) return excessive('depth', pointer);
  }
  return undefined;
}

/** Parses an executable document within its bounds (GraphQL October 2021, section 2). */
export function parseDocument(text: string, limits: DocumentLimits, pointer: string): Parsed<DocumentNode> {
  const source = new Source(text);
  try {
    return boundsOf(source, limits, pointer) ?? { ok: true, value: parse(source, { noLocation: true }) };
  } catch (error) {
    return error instanceof RangeError ? excessive('depth', pointer) : malformed('syntax', pointer);
  }
}

const members: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);
const isMap = (value: Json | undefined): boolean => value === undefined || value === null || isObject(value);

/** One request from its members, as GraphQL over HTTP has them (section 5). */
export function requestOf(members: JsonObject, limits: DocumentLimits, pointer: string): Parsed<GraphqlRequest> {
  const { query, variables, operationName, extensions } = members;
  for (const [name, value] of Object.entries({ variables, extensions })) {
    if (!isMap(value)) return malformed('graphql_request', below(pointer, name));
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return malformed('graphql_request', below(pointer, 'operationName'));
  }
  const place = below(pointer, 'query');
  const named = { operationName: operationName ?? undefined, pointer: place };
  if (query === undefined && isObject(extensions) && Object.hasOwn(extensions, 'persistedQuery')) {
    return { ok: true, value: { ...named, document: undefined } };
  }
  if (typeof query !== 'string') return malformed('graphql_request', place);
  const parsed = parseDocument(query, limits, place);
  return parsed.ok ? { ok: true, value: { ...named, document: parsed.value } } : parsed;
}

/** The requests of a JSON body: one, or a batch of them. Members that GraphQL over HTTP does not have are refused, for some name other documents. */
export function requestsOf(value: Json, limits: DocumentLimits): Parsed<readonly GraphqlRequest[]> {
  const batch: readonly Json[] = Array.isArray(value) ? value : [value];
  const requests: GraphqlRequest[] = [];
  for (const [index, item] of batch.entries()) {
    const pointer = Array.isArray(value) ? below('', index) : '';
    if (!isObject(item)) return malformed('graphql_request', pointer);
    const unknown = Object.keys(item).find((name) => !members.has(name));
    if (unknown !== undefined) return malformed('graphql_request', below(pointer, unknown));
    // A value of strict JSON that is an object.
    const parsed = requestOf(item as JsonObject, limits, pointer);
    if (!parsed.ok) return parsed;
    requests.push(parsed.value);
  }
  return requests.length === 0 ? malformed('graphql_request') : { ok: true, value: requests };
}
