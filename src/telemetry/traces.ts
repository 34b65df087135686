import type { BuildContext, JsonSchema } from '../core/build.ts';
import { type Reason, reasonCodes } from '../core/reason.ts';

/** The config key `telemetry.traces` as users write it. */
export interface TracesKeys {
  readonly denials?: boolean | readonly string[];
  readonly rules?: Readonly<Record<string, 'always' | 'never' | number>>;
}

/** The same as it is gone by. */
export interface TracesConfig {
  /** The denials that have a span in any case. */
  readonly denials: 'all' | ReadonlySet<Reason>;
  /** By the id of a rule: the share of its calls that have a span, 0 to 1. */
  readonly rules: ReadonlyMap<string, number>;
}

/** The schema of `telemetry.traces`. */
export const tracesSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'Which calls have a span besides those that Envoy samples. Default: no others.',
  additionalProperties: false,
  properties: {
    denials: {
      type: ['boolean', 'array'],
      uniqueItems: true,
      items: { type: 'string', minLength: 1 },
      description:
        'Denials that have a span even where Envoy did not sample the request: true is every one, a list names reason codes. Default: none.',
    },
    rules: {
      type: 'object',
      description:
        'By the id of a rule: what decides in the place of Envoy’s sampling. A denial that is asked for has its span in any case. Default: none.',
      additionalProperties: {
        type: ['string', 'number'],
        description: 'always, never, or the share of the rule’s calls that have a span, from 0 to 1.',
      },
    },
  },
});

const isReasonCode = (text: string): text is Reason => reasonCodes.some((code) => code === text);

const words = { always: 1, never: 0 } as const;

/** Fills in the defaults of `telemetry.traces` and reports what the schema cannot see: reasons and rules that do not exist. The context is that of the key; known: the ids of rules, undefined where they cannot be told. */
export function buildTraces(
  { denials = false, rules = {} }: TracesKeys = {},
  known: ReadonlySet<string> | undefined,
  context: BuildContext,
): TracesConfig {
  const asked = typeof denials === 'boolean' ? [] : denials;
  for (const [index, reason] of asked.entries()) {
    if (!isReasonCode(reason)) context.issue(['denials', index], `"${reason}" is no reason code`);
  }
  const shares = Object.entries(rules).map(([id, said]): [string, number] => {
    if (known !== undefined && !known.has(id)) context.issue(['rules', id], `there is no rule "${id}"`);
    const share = typeof said === 'string' ? words[said] : said;
    if (!(share >= 0 && share <= 1)) context.issue(['rules', id], 'must be always, never, or a share from 0 to 1');
    return [id, share];
  });
  return { denials: denials === true ? 'all' : new Set(asked.filter(isReasonCode)), rules: new Map(shares) };
}

/** Nothing but what Envoy samples. */
export const noTraces: TracesConfig = Object.freeze({ denials: new Set<Reason>(), rules: new Map<string, number>() });
