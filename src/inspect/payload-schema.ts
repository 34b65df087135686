import type { JsonSchema } from '../core/build.ts';
import { graphqlSchema } from './contract/graphql-options.ts';

/** JSON Schema of a rule's `payload`. */
export const payloadSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Demands a body that is read strictly in its format, JSON where nothing else is said. Envoy must send bodies: with_request_body in its ext_authz filter (not on a route), with pack_as_bytes: true. Give schema_file, schema or openapi_file; with none only the strict reading is demanded: no member twice, no exact integers beyond 2^53, at most 10,000 members in one object.',
  additionalProperties: false,
  properties: {
    schema_file: {
      type: 'string',
      minLength: 1,
      description:
        'A file with the JSON Schema (2020-12, or draft-07 by its $schema) that the body must match. No default. Nothing is fetched for a $ref; patterns run on a linear-time engine, without look-around and back-references.',
    },
    schema: { type: 'object', description: 'The JSON Schema itself, in place of schema_file. No default.' },
    openapi_file: {
      type: 'string',
      minLength: 1,
      description:
        'An OpenAPI 3.0 or 3.1 document, YAML or JSON, that whole calls must match: path, query, header and cookie parameters and bodies. It takes the place of a schema. A body is demanded only where the operation demands one. No default.',
    },
    base_path: {
      type: 'string',
      pattern: '^/[^?#]*$',
      patternErrorMessage: 'must be a path like /api/v1',
      description:
        "What stands before every path of openapi_file, such as /api/v1; / for nothing. Default: the paths of the document's servers.",
    },
    strict: {
      type: 'boolean',
      default: false,
      description:
        'Whether what openapi_file does not know is refused: operations (403), query parameters (400), and bodies of operations without one (415). Otherwise it passes unchecked, and the audit says so. Default: false.',
    },
    graphql: graphqlSchema,
    max_bytes: {
      type: 'string',
      format: 'bytes',
      default: '64KiB',
      description:
        "The largest body, such as 512B, 64KiB or 1MiB; larger ones are 413. Envoy's max_request_bytes must be at least this. Default: 64KiB.",
    },
    max_depth: {
      type: 'integer',
      minimum: 1,
      maximum: 512,
      default: 64,
      description:
        'How deep arrays and objects, elements of XML and brackets of GraphQL may be nested, the outermost counted; deeper ones are 413. Default: 64.',
    },
    max_fields: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: 100_000,
      description: 'Texts and names in one body; more are 413. Default: 100000.',
    },
    max_parts: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: 100,
      description: 'Parts of one multipart body; more are 413. Default: 100.',
    },
    content_types: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: {
        type: 'string',
        description: 'A media type.',
        pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
        patternErrorMessage: 'must be a media type without parameters, like application/json',
      },
      default: ['application/json', 'application/*+json'],
      description:
        'Accepted media types without parameters; application/*+json takes every type with that suffix. Each is read in its format: JSON, application/x-ndjson, application/x-www-form-urlencoded, multipart/form-data, XML, text; of any other nothing is read. Others, another charset than UTF-8 and any content encoding are 415. Default: [application/json, application/*+json], with graphql application/graphql too.',
    },
    on_failure: {
      type: 'string',
      enum: ['deny', 'allow'],
      default: 'deny',
      description:
        'What happens when the inspection itself fails by a fault of ours: deny with 503, or allow. Default: deny.',
    },
    mode: {
      type: 'string',
      enum: ['enforce', 'shadow'],
      default: 'enforce',
      description: 'With shadow the check is made and recorded, and never denies. Default: enforce.',
    },
  },
});
