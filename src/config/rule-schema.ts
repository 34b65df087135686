import type { JsonSchema } from '../core/build.ts';

/** Parts of a rule that rooms define. */
interface RuleParts {
  readonly identity: JsonSchema;
  readonly require: JsonSchema;
  readonly payload: JsonSchema;
  readonly parameters: JsonSchema;
  readonly protect: JsonSchema;
  readonly sanitize: JsonSchema;
  readonly leaks: JsonSchema;
  readonly upstream: JsonSchema;
}

const id = { type: 'string', format: 'identifier' } as const;

/** The schema of what says which requests are meant; where the path is not required, any is. */
export const matchSchema = (required: readonly 'path'[], description: string): JsonSchema => ({
  type: 'object',
  description,
  additionalProperties: false,
  required,
  properties: {
    hosts: {
      type: 'array',
      minItems: 1,
      items: { type: 'string' },
      description: 'Hosts without port: api.example.com, or *.example.com for all below it. Default: any host.',
    },
    path: {
      type: 'string',
      description: `/orders/{id}: {name} is one segment; a closing /** takes the rest, also none: /files/** takes /files too. ${required.includes('path') ? 'Required.' : 'Default: any path.'}`,
    },
    methods: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: {
        type: 'string',
        pattern: '^[A-Z]{1,32}$',
        patternErrorMessage: 'must be a method in capitals, like GET',
      },
      description: 'Methods in capitals; GET does not include HEAD. Default: any method.',
    },
  },
});

/** The schema of one rule, put together from the rooms' parts. */
export const ruleSchema = (parts: RuleParts): JsonSchema => ({
  type: 'object',
  description: 'What is asked of the requests that it matches. The first rule that matches decides.',
  additionalProperties: false,
  required: ['id', 'match'],
  properties: {
    id: { ...id, description: 'The name of the rule in audit, metrics and context_extensions. Required, unique.' },
    match: matchSchema(['path'], 'Which requests the rule takes. Required.'),
    allow: { enum: ['anonymous'], description: 'anonymous: no credential is looked at. Either this or identity.' },
    identity: parts.identity,
    optional: {
      type: 'boolean',
      description: 'No credential is good too; a bad one is still refused. Default: false.',
    },
    require: parts.require,
    limits: {
      type: 'array',
      uniqueItems: true,
      items: { type: 'string' },
      description: 'Names of limits. Default: none.',
    },
    payload: parts.payload,
    parameters: parts.parameters,
    protect: parts.protect,
    sanitize: parts.sanitize,
    leaks: parts.leaks,
    upstream: parts.upstream,
    pass_credentials: {
      type: 'boolean',
      description: 'Credentials reach the upstream instead of being removed. Default: false.',
    },
    mode: {
      enum: ['enforce', 'shadow'],
      description: 'shadow: evaluated and recorded, then passed over. Default: enforce.',
    },
  },
});
