import type { JsonSchema } from '../../core/build.ts';
import type { Mode } from '../../core/plan.ts';
import type { OnFailure } from '../on-failure.ts';

/** What becomes of a request whose body Envoy has not sent along. */
export type UnseenBody = 'refuse' | 'pass';

/** One exclusion: a rule, a range or a class, on some or all parameters. */
export interface ExclusionOptions {
  /** A rule's id, a range like 942000-942999, or a class like sqli. */
  readonly rule: string;
  /** Places like "query.q", "body/comment", "header.referer", "cookie.*"; one or several. Absent: everywhere. */
  readonly on?: string | readonly string[] | undefined;
}

/** The OWASP Core Rule Set as it is configured. */
export interface CrsOptions {
  readonly dir: string;
  readonly paranoia?: 1 | 2 | 3 | 4 | undefined;
  readonly anomaly_threshold?: number | undefined;
  readonly exclude?: readonly ExclusionOptions[] | undefined;
}

/** `protect`, of a rule or of the whole config, as it is configured. */
export interface ProtectOptions {
  readonly preset?: 'balanced' | 'strict' | 'monitor' | 'off' | undefined;
  readonly crs?: CrsOptions | undefined;
  readonly exclude?: readonly ExclusionOptions[] | undefined;
  readonly unseen_body?: UnseenBody | undefined;
  readonly on_failure?: OnFailure | undefined;
  readonly mode?: Mode | undefined;
}

const exclusionsSchema = (description: string): JsonSchema => ({
  type: 'array',
  maxItems: 1000,
  description,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['rule'],
    properties: {
      rule: {
        type: 'string',
        minLength: 1,
        description: 'A rule by its id, a range of ids like 942000-942999, a class like sqli, or * for all rules.',
      },
      on: {
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
        ],
        description:
          'Places that the rule does not look at, like query.q, header.referer, cookie.*, path, body/comment or body/items/*; a * stands for any characters. Default: everywhere, so that the rule is off.',
      },
    },
  },
});

const crsSchema: JsonSchema = {
  type: 'object',
  description: 'The OWASP Core Rule Set 4, besides the rules that are built in. Default: not loaded.',
  additionalProperties: false,
  required: ['dir'],
  properties: {
    dir: {
      type: 'string',
      minLength: 1,
      description:
        'The directory with its *.conf and *.data files, as the release has them in rules/. Required; no default.',
    },
    paranoia: {
      type: 'integer',
      minimum: 1,
      maximum: 4,
      description:
        'Rules up to this level are loaded. Default: what crs-setup.conf in the directory says, else 1; with preset strict at least 2.',
    },
    anomaly_threshold: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      description:
        'The score of its rules from which a request is an attack: critical counts 5, error 4, warning 3, notice 2. Default: what crs-setup.conf says, else 5.',
    },
    exclude: exclusionsSchema('Rules of it that do not look, everywhere or in some places. Default: none.'),
  },
};

/** JSON Schema of `protect`. */
export const protectSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Searches the path, the query, headers, cookies, body fields and file names for attacks. Under the whole config it holds for every rule that does not say otherwise. Default: no search.',
  additionalProperties: false,
  properties: {
    preset: {
      enum: ['balanced', 'strict', 'monitor', 'off'],
      description:
        'balanced refuses what is surely an attack; strict looks closer and refuses from a lower score; monitor is balanced that only records; off searches nothing. Default: balanced.',
    },
    crs: crsSchema,
    exclude: exclusionsSchema(
      'Rules that do not look, everywhere or in some places; what the whole config excludes and what the rule does add up. Default: none.',
    ),
    unseen_body: {
      enum: ['refuse', 'pass'],
      description:
        'What becomes of a request that announces a body which Envoy does not send along, because the filter or the route does not buffer it: refuse, or pass, to search the rest of the request alone. Default: refuse.',
    },
    on_failure: {
      enum: ['deny', 'allow'],
      description: 'What becomes of a request whose search fails by a fault of ours, or takes too long. Default: deny.',
    },
    mode: {
      enum: ['enforce', 'shadow'],
      description:
        'With shadow the search is done and recorded, and refuses nothing. Default: enforce; with preset monitor shadow.',
    },
  },
});

/** What holds for a rule: its own keys, and what the whole config says of the others. Undefined: nothing is searched. */
export function mergeProtect(
  general: ProtectOptions | undefined,
  own: ProtectOptions | undefined,
): ProtectOptions | undefined {
  if (general === undefined || own === undefined) return own ?? general;
  return { ...general, ...own, exclude: [...(general.exclude ?? []), ...(own.exclude ?? [])] };
}
