import type { JsonSchema } from '../../core/build.ts';

/** `payload.graphql` as it is configured. */
export interface GraphqlOptions {
  readonly max_depth?: number | undefined;
  readonly max_aliases?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly max_batch?: number | undefined;
  readonly max_directives?: number | undefined;
  readonly max_fields?: number | undefined;
  readonly introspection?: 'deny' | 'allow' | undefined;
  readonly persisted?: 'deny' | 'allow' | undefined;
}

const bound = (minimum: number, maximum: number, fallback: number, description: string): JsonSchema => ({
  type: 'integer',
  minimum,
  maximum,
  default: fallback,
  description: `${description} Default: ${fallback}.`,
});

/** JSON Schema of `payload.graphql`. */
export const graphqlSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'The requests are GraphQL over HTTP: POST with JSON or application/graphql, or GET with ?query=. What is beyond a bound is 413. No default.',
  additionalProperties: false,
  properties: {
    max_depth: bound(1, 100, 10, 'Fields within each other, fragments put where they are spread.'),
    max_aliases: bound(0, 10_000, 30, 'Aliases of one operation, fragments counted as often as they are spread.'),
    max_tokens: bound(1, 100_000, 1000, 'Tokens of one document.'),
    max_batch: bound(1, 1000, 1, 'Requests in one body; 1 takes no batch but one of a single request.'),
    max_directives: bound(0, 10_000, 50, 'Directives of one operation, fragments counted as often as they are spread.'),
    max_fields: bound(1, 100_000, 500, 'Fields of one operation, fragments counted as often as they are spread.'),
    introspection: {
      enum: ['deny', 'allow'],
      default: 'deny',
      description: 'Whether __schema and __type may be asked for. Default: deny.',
    },
    persisted: {
      enum: ['deny', 'allow'],
      default: 'deny',
      description:
        'Whether a request may name a persisted query (extensions.persistedQuery) in place of a document: nothing here sees what it asks for. Default: deny.',
    },
  },
});
