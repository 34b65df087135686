import { Kind, visit } from 'graphql/language';
import { isObject, type Json } from '../../core/json.ts';
import { below, type Collector, collect, excessive, malformed } from './collector.ts';
import type { BodyFormat, Content, ContentLimits, ReadFormat, Unreadable } from './content.ts';
import { decodeUtf8 } from './decode.ts';
import { type DocumentLimits, type GraphqlRequest, parseDocument, requestsOf } from './graphql-request.ts';
import { collectJson, parseJson } from './json.ts';

/** A GraphQL body that was read, with the documents in it. */
type ReadGraphql =
  | { readonly ok: true; readonly content: Content; readonly requests: readonly GraphqlRequest[] }
  | Unreadable;

/**
 * The strings of a document under the names of the fields, arguments and members that hold them. What else stands in a
 * document are names and numbers, in which no attack fits.
 */
function collectLiterals({ document, pointer }: GraphqlRequest, into: Collector): boolean {
  if (document === undefined) return true;
  const path = [pointer];
  let within = true;
  const named = {
    enter: (node: { readonly name: { readonly value: string } }): void => {
      path.push(below(path.at(-1) ?? '', node.name.value));
    },
    leave: (): void => {
      path.pop();
    },
  };
  visit(document, {
    [Kind.FIELD]: named,
    [Kind.DIRECTIVE]: named,
    [Kind.ARGUMENT]: named,
    [Kind.OBJECT_FIELD]: named,
    [Kind.STRING]: (node) => {
      within = within && into.add('value', path.at(-1) ?? '', node.value);
    },
  });
  return within;
}

/** The members of a request besides the document, which is looked at by its literals. */
function collectMembers(value: Json, pointer: string, into: Collector): boolean {
  if (Array.isArray(value)) {
    return value.every((item, index) => collectMembers(item, below(pointer, index), into));
  }
  if (!isObject(value)) return true;
  return Object.entries(value).every(
    // The members of strict JSON are values of it.
    ([name, member]) => name === 'query' || collectJson(member as Json, below(pointer, name), into),
  );
}

/** Reads GraphQL: a bare document as application/graphql, else the JSON of GraphQL over HTTP. */
export function readGraphqlBody(
  bytes: Uint8Array,
  limits: ContentLimits,
  documents: DocumentLimits,
  { mediaType }: BodyFormat,
): ReadGraphql {
  const into = collect(limits);
  const read = mediaType === 'application/graphql' ? readBare(bytes, documents) : readMembers(bytes, limits, documents);
  if (!read.ok) return read;
  const { value, requests } = read;
  const within = collectMembers(value ?? null, '', into) && requests.every((request) => collectLiterals(request, into));
  if (!within) return excessive('too_many_fields');
  return { ok: true, content: { format: 'graphql', value, fields: into.fields }, requests };
}

type Requests =
  | { readonly ok: true; readonly value: Json | undefined; readonly requests: readonly GraphqlRequest[] }
  | Unreadable;

function readBare(bytes: Uint8Array, documents: DocumentLimits): Requests {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed('utf8');
  const parsed = parseDocument(text, documents, '');
  if (!parsed.ok) return parsed;
  const request = { document: parsed.value, operationName: undefined, pointer: '' };
  return { ok: true, value: undefined, requests: [request] };
}

function readMembers(bytes: Uint8Array, limits: ContentLimits, documents: DocumentLimits): Requests {
  const parsed = parseJson(bytes, limits);
  if (!parsed.ok) return parsed;
  const requests = requestsOf(parsed.value, documents);
  return requests.ok ? { ok: true, value: parsed.value, requests: requests.value } : requests;
}

/** GraphQL as a body that nobody has asked further questions of: its tokens are bounded as fields are. */
export const readGraphql: ReadFormat = (bytes, limits, body) => {
  const read = readGraphqlBody(bytes, limits, { maxTokens: limits.maxFields, maxDepth: limits.maxDepth }, body);
  return read.ok ? { ok: true, content: read.content } : read;
};
