import type { JsonSchema } from '../../core/build.ts';
import type { Mode } from '../../core/plan.ts';
import { type LeakKind, leakKinds } from './detector.ts';

/** What becomes of a leak. */
export type LeakAction = 'detect' | 'mask' | 'block';

/** One policy of `leaks`. */
export interface LeakPolicyOptions {
  readonly action?: LeakAction | undefined;
  readonly detectors?: readonly LeakKind[] | undefined;
  readonly actions?: Readonly<Partial<Record<LeakKind, LeakAction>>> | undefined;
  readonly patterns?: Readonly<Record<string, OwnPatternOptions>> | undefined;
  readonly content_types?: readonly string[] | undefined;
  readonly at_least?: number | undefined;
  readonly max_bytes?: string | undefined;
  readonly on_unreadable?: 'deny' | 'allow' | undefined;
  readonly headers?: boolean | undefined;
  readonly mode?: Mode | undefined;
}

/** A pattern of the operator's. */
interface OwnPatternOptions {
  readonly pattern: string;
  readonly max_length?: number | undefined;
  readonly action?: LeakAction | undefined;
}

/** A rule's `leaks` as it is configured. */
export interface LeaksOptions {
  readonly response?: readonly LeakPolicyOptions[] | undefined;
  readonly request?: readonly LeakPolicyOptions[] | undefined;
  readonly evidence_key_file?: string | undefined;
}

/** What is looked for where nothing is said: tokens are what a login is there to give out. */
export const usualKinds: readonly LeakKind[] = Object.freeze(leakKinds.filter((kind) => kind !== 'jwt'));

/** The types of bodies that are looked at where nothing is said: whatever people read. */
export const usualTypes: readonly string[] = Object.freeze([
  'application/json',
  'application/*+json',
  'application/x-ndjson',
  'application/xml',
  'application/*+xml',
  'application/x-www-form-urlencoded',
  'application/javascript',
  'text/*',
]);

const actions = ['detect', 'mask', 'block'];

const policySchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    action: {
      enum: actions,
      default: 'mask',
      description:
        'detect: recorded. mask: hidden byte for byte, so that the length stays. block: the response becomes 502, the request 403; the whole body is held until it has been seen. Default: mask.',
    },
    detectors: {
      type: 'array',
      uniqueItems: true,
      items: { enum: leakKinds },
      default: usualKinds,
      description: `What is looked for. Default: [${usualKinds.join(', ')}].`,
    },
    actions: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(
        leakKinds.map((kind) => [kind, { enum: actions, description: `The action for ${kind}. Default: action.` }]),
      ),
      description: 'Other actions for some detectors. Default: none.',
    },
    patterns: {
      type: 'object',
      propertyNames: { format: 'identifier' },
      description: 'Own patterns by name. Default: none.',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['pattern'],
        properties: {
          pattern: {
            type: 'string',
            minLength: 1,
            description: 'A pattern for the linear-time engine, over bytes as Latin-1. Required.',
          },
          max_length: {
            type: 'integer',
            minimum: 1,
            maximum: 8192,
            default: 128,
            description:
              'The longest match in bytes: so many are held back at the end of each piece, and what a match has beyond them stays as it is. Default: 128.',
          },
          action: { enum: actions, description: 'What becomes of a match. Default: action of the policy.' },
        },
      },
    },
    content_types: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', description: 'A media type, type/* or type/*+suffix.' },
      default: usualTypes,
      description: `Bodies of these types are looked at, others pass; a body without a type is looked at. Default: [${usualTypes.join(', ')}].`,
    },
    at_least: {
      type: 'integer',
      minimum: 1,
      default: 1,
      description: 'How many matches make a block; fewer are masked. Default: 1.',
    },
    max_bytes: {
      type: 'string',
      format: 'bytes',
      default: '1MiB',
      description:
        "The largest body that is held as a whole, where something is blocked; a larger one is refused. Envoy's buffer must be at least this. Default: 1MiB.",
    },
    on_unreadable: {
      enum: ['deny', 'allow'],
      description:
        'What becomes of a body of these types that cannot be looked into: encoded, partial (206), in another charset. Default: deny, and allow where every action is detect.',
    },
    headers: {
      type: 'boolean',
      default: true,
      description: 'Whether values of headers are looked at too, those that carry credentials aside. Default: true.',
    },
    mode: {
      enum: ['enforce', 'shadow'],
      default: 'enforce',
      description: 'With shadow everything is only recorded. Default: enforce.',
    },
  },
};

const policies = (description: string): JsonSchema => ({
  type: 'array',
  minItems: 1,
  description,
  items: policySchema,
});

/** JSON Schema of a rule's `leaks`. */
export const leaksSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Keeps secrets from leaving: Envoy must have Portcullis as its ext_proc filter (envoy/process.yaml). Default: nothing is looked at.',
  additionalProperties: false,
  properties: {
    response: policies('Policies for responses; the first that takes the content type decides. Default: none.'),
    request: policies('Policies for requests; the first that takes the content type decides. Default: none.'),
    evidence_key_file: {
      type: 'string',
      minLength: 1,
      description:
        'A file with at least 32 bytes, by which the evidence in audit is hashed (HMAC-SHA-256): the same leak has the same hash on every replica. Default: a key of each process.',
    },
  },
});
