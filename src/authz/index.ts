import type { BuildContext, JsonSchema } from '../core/build.ts';
import { isObject, own } from '../core/json.ts';
import type { Subject } from '../core/plan.ts';
import { abstain, passWith, type Verdict } from '../core/verdict.ts';
import { address } from './address.ts';
import { all, conjunction } from './all.ts';
import { any } from './any.ts';
import { claim } from './claim.ts';
import { type Condition, type ConditionKind, never } from './condition.ts';
import { not } from './not.ts';
import { permission } from './permission.ts';
import { role } from './role.ts';
import type { Roles } from './roles.ts';
import { scope } from './scope.ts';

export { buildRoles, type Roles, type RolesOptions, rolesSchema } from './roles.ts';

/** Every kind of condition that a requirement can hold, by its key. */
export const conditions = {
  permission,
  role,
  scope,
  claim,
  address,
  all,
  any,
  not,
} as const satisfies Record<string, ConditionKind<never>>;

/** A rule's `require`: every key is a condition, and all of them must hold. */
export type RequirementOptions = Readonly<Record<string, unknown>>;

/** Levels of all, any and not that may stand in each other. */
const deepest = 16;

/** Definitions that the document around requirementSchema must have under $defs. */
export const requirementDefs = Object.freeze({
  requirement: {
    type: 'object',
    description: 'Conditions that must all hold.',
    additionalProperties: false,
    minProperties: 1,
    properties: Object.fromEntries(Object.entries(conditions).map(([key, { schema }]) => [key, schema])),
  },
} as const satisfies Record<string, JsonSchema>);

/** The schema of a rule's `require`. */
export const requirementSchema: JsonSchema = Object.freeze({
  $ref: '#/$defs/requirement',
  description:
    'What a principal must fulfil; several keys must all hold. Default: nothing, a good credential is enough.',
});

function compile(options: unknown, roles: Roles, context: BuildContext, depth: number): Condition {
  const entries = isObject(options) ? Object.entries(options) : [];
  if (entries.length === 0 || depth > deepest) {
    context.issue([], depth > deepest ? `is nested more than ${deepest} levels deep` : 'holds no condition');
    return never;
  }
  const compiled = entries.map(([key, value]) => {
    const kind = own<ConditionKind<never>>(conditions, key);
    if (kind === undefined) {
      context.issue([key], `unknown condition; known are ${Object.keys(conditions).join(', ')}`);
      return never;
    }
    const place = context.at(key);
    const nested = (inner: unknown, ...path: readonly (string | number)[]): Condition =>
      compile(inner, roles, place.at(...path), depth + 1);
    // The schema has checked the value for this very kind; the table's type cannot pair the two.
    return kind.build(value as never, { roles, context: place, nested });
  });
  return conjunction(compiled);
}

/** Whether a requirement, or one in it, asks for a principal. */
export function asksForPrincipal(requirement: unknown): boolean {
  if (Array.isArray(requirement)) return requirement.some(asksForPrincipal);
  if (!isObject(requirement)) return false;
  return Object.entries(requirement).some(
    ([key, value]) => own<ConditionKind<never>>(conditions, key)?.asksForPrincipal || asksForPrincipal(value),
  );
}

/**
 * Compiles a rule's `require`, whose shape the schema has checked; without one the step abstains. What it compiles to only passes when every condition is known
 * to hold. Issues are reported below the context, which stands at `require`.
 */
export function buildRequirement(
  options: RequirementOptions | undefined,
  roles: Roles,
  context: BuildContext,
): (subject: Subject) => Verdict {
  if (options === undefined) return () => abstain();
  const condition = compile(options, roles, context, 1);
  return (subject) => {
    const outcome = condition(subject);
    return outcome.kind === 'holds' ? passWith(undefined, outcome.detail) : outcome.refusal;
  };
}
