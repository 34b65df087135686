import type { JsonSchema } from '../core/build.ts';

/** JSON Schema of a rule's `payload`. */
export const payloadSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Demands a body of strict JSON. Envoy must send bodies: with_request_body in its ext_authz filter (not on a route), with pack_as_bytes: true. Give schema_file or schema; with neither only the strict reading is demanded: no member twice, no exact integers beyond 2^53, at most 10,000 members in one object.',
  additionalProperties: false,
  properties: {
    schema_file: {
      type: 'string',
      minLength: 1,
      description:
        'A file with the JSON Schema (2020-12, or draft-07 by its $schema) that the body must match. No default. Nothing is fetched for a $ref; patterns run on a linear-time engine, without look-around and back-references.',
    },
    schema: { type: 'object', description: 'The JSON Schema itself, in place of schema_file. No default.' },
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
      description: 'How deep arrays and objects may be nested, the outermost counted. Default: 64.',
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
        'Accepted media types without parameters; application/*+json takes every type with that suffix. Others, another charset than UTF-8 and any content encoding are 415. Default: [application/json, application/*+json].',
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
