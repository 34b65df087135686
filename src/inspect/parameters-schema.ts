import type { JsonSchema } from '../core/build.ts';

const patterns = (description: string, names: JsonSchema): JsonSchema => ({
  type: 'object',
  description: `${description} Each pattern must match the whole value; ECMAScript syntax on a linear-time engine, without look-around and back-references. Default: none.`,
  propertyNames: names,
  additionalProperties: { type: 'string', description: 'A pattern.' },
});

const headerNames = { type: 'string', format: 'header' };

const required = (what: string): JsonSchema => ({
  type: 'array',
  uniqueItems: true,
  items: { type: 'string', minLength: 1, description: 'A name.' },
  default: [],
  description: `Names under ${what} that must be present; the others may be absent. Default: [].`,
});

/** JSON Schema of a rule's `parameters`. */
export const parametersSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'Allowlists for values of the path, the query and headers: what does not match is 400.',
  additionalProperties: false,
  properties: {
    path: patterns("Patterns for the {name} segments of the rule's path.", { type: 'string', minLength: 1 }),
    query: patterns('Patterns for query parameters, percent-decoded; a listed one may stand only once.', {
      type: 'string',
      minLength: 1,
    }),
    headers: patterns('Patterns for headers; a listed one may stand only once.', headerNames),
    unknown_query: {
      type: 'string',
      enum: ['allow', 'deny'],
      default: 'allow',
      description:
        'Whether query parameters that are not listed may stand in the query. Names that differ from a listed one only in case, blanks, dots or brackets are never accepted, nor is a raw semicolon. Default: allow.',
    },
    required_query: required('query'),
    required_headers: required('headers'),
  },
});
