import type { BuildContext, JsonSchema } from '../core/build.ts';
import { openReader } from '../core/options.ts';
import { type AuditEvent, type ClassName, classes, severity } from './ocsf.ts';

type Severity = keyof typeof severity;

// Object.keys of literals of our own.
const classNames = Object.keys(classes) as ClassName[];
const severities = Object.keys(severity) as Severity[];
const effects = ['allow', 'deny', 'system'] as const satisfies readonly AuditEvent['kind'][];

const list = (description: string, items: JsonSchema): JsonSchema => ({
  type: 'array',
  description,
  minItems: 1,
  uniqueItems: true,
  items,
});
const text: JsonSchema = { type: 'string', minLength: 1 };

/** The schema of a sink's `filter`. */
export const filterSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Which events go to this sink: those for which every key that is set holds. Gaps and checkpoints always go. Default: all.',
  additionalProperties: false,
  properties: {
    classes: list(
      'Classes of OCSF: api (6003 API Activity), http (4002 HTTP Activity), authentication (3002), entity (3004 Entity Management), lifecycle (6002 Application Lifecycle). Default: all.',
      { enum: classNames },
    ),
    effects: list('Decisions that allow, decisions that deny, and events of no decision. Default: all.', {
      enum: effects,
    }),
    reasons: list('Reason codes; that of an allow is ok. Events without one do not go. Default: all.', text),
    rules: list('Ids of rules that decided. Events without one do not go. Default: all.', text),
    min_severity: { enum: severities, description: 'The least severity. Default: informational.' },
  },
});

/** Compiles a filter; what is wrong is an issue. */
export function buildFilter(value: unknown, context: BuildContext): (event: AuditEvent) => boolean {
  if (value === undefined) return () => true;
  const reader = openReader(value, context.issue);
  const sets = {
    classes: setOf(
      reader.texts('classes', classNames),
      classNames,
      'classes',
      context,
      (name): number => classes[name].uid,
    ),
    effects: setOf(reader.texts('effects', effects), effects, 'effects', context, (name) => name),
  };
  const reasons = reader.has('reasons') ? new Set(reader.texts('reasons', [])) : undefined;
  const rules = reader.has('rules') ? new Set(reader.texts('rules', [])) : undefined;
  const said = reader.text('min_severity', 'informational');
  const least = severities.find((name) => name === said);
  if (least === undefined) context.issue(['min_severity'], `must be one of ${severities.join(', ')}`);
  const leastId = severity[least ?? 'informational'];
  return (event) =>
    ownEvents.has(event.name) ||
    (event.severity >= leastId &&
      sets.classes.has(event.classUid) &&
      sets.effects.has(event.kind) &&
      (reasons === undefined || (event.reason !== undefined && reasons.has(event.reason))) &&
      (rules === undefined || (event.rule !== undefined && rules.has(event.rule))));
}

/** What tells of the sink itself. */
const ownEvents: ReadonlySet<AuditEvent['name']> = new Set(['portcullis.gap', 'portcullis.checkpoint'] as const);

function setOf<N extends string, V>(
  said: readonly string[],
  known: readonly N[],
  option: string,
  context: BuildContext,
  idOf: (name: N) => V,
): ReadonlySet<V> {
  const found = said.flatMap((name, index) => {
    const one = known.find((candidate) => candidate === name);
    if (one === undefined) context.issue([option, index], `must be one of ${known.join(', ')}`);
    return one === undefined ? [] : [idOf(one)];
  });
  return new Set(found);
}
