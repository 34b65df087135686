import type { BuildContext, JsonSchema } from '../core/build.ts';
import { isObject, own } from '../core/json.ts';
import type { Subject } from '../core/plan.ts';
import type { Reference } from '../core/reference.ts';
import { abstain, type Detail, passWith, type Verdict } from '../core/verdict.ts';
import { address } from './address.ts';
import { all, conjunction } from './all.ts';
import { any } from './any.ts';
import { claim } from './claim.ts';
import { type Authority, type Condition, type ConditionKind, fails, never } from './condition.ts';
import { equal } from './equal.ts';
import { not } from './not.ts';
import { permission } from './permission.ts';
import { readReference } from './reference.ts';
import { role } from './role.ts';
import { scope } from './scope.ts';
import { senderConstrained } from './sender-constrained.ts';
import { stepUp } from './step-up.ts';
import { tenant } from './tenant.ts';

export { type BindingsOptions, bindingsSchema, buildBindings } from './bindings.ts';
/** An entry of a bindings file. */
export type { Binding } from './bindings-file.ts';
/** What requirements are built with. */
export type { Authority } from './condition.ts';
export { type Answer, describeRequirement, type Holding, judge } from './judgement.ts';
export { buildRoles, type Roles, type RolesOptions, rolesSchema, unknownRole } from './roles.ts';

/** Every kind of condition that a requirement can hold, by its key. */
export const conditions = {
  permission,
  role,
  scope,
  claim,
  address,
  tenant,
  equal,
  step_up: stepUp,
  sender_constrained: senderConstrained,
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

/** Where a requirement stands. */
interface Place extends Authority {
  /** The names of the path that belongs to it; undefined when the path cannot be read. */
  readonly pathNames: readonly string[] | undefined;
  /** Whether it is the `when` of a deny rule: there, what is absent counts as not holding. */
  readonly denies: boolean;
  readonly tenant: Reference | undefined;
  readonly depth: number;
}

function compile(options: unknown, around: Place, context: BuildContext): Condition {
  const entries = isObject(options) ? Object.entries(options) : [];
  if (entries.length === 0 || around.depth > deepest) {
    context.issue([], around.depth > deepest ? `is nested more than ${deepest} levels deep` : 'holds no condition');
    return never;
  }
  const [named, others] = [true, false].map((is) => entries.filter(([key]) => (key === 'tenant') === is));
  const [, text] = named?.[0] ?? [];
  const place =
    text === undefined ? around : { ...around, tenant: readReference(text, around.pathNames, context.at('tenant')) };
  // The tenant comes first, so that who has no role there is told so, and not what else is missing.
  return conjunction(
    [...(named ?? []), ...(others ?? [])].map(([key, value]) => compileOne(key, value, place, context)),
  );
}

function compileOne(key: string, value: unknown, place: Place, context: BuildContext): Condition {
  const kind = own<ConditionKind<never>>(conditions, key);
  if (kind === undefined) {
    context.issue([key], `unknown condition; known are ${Object.keys(conditions).join(', ')}`);
    return never;
  }
  const here = context.at(key);
  // The schema has checked the value for this very kind; the table's type cannot pair the two.
  const condition = kind.build(value as never, {
    ...place,
    context: here,
    nested: (inner, ...path) => compile(inner, { ...place, depth: place.depth + 1 }, here.at(...path)),
    reference: (text, ...path) => readReference(text, place.pathNames, here.at(...path)),
  });
  return place.denies ? unlessAbsent(condition) : condition;
}

/** The condition for deny rules: nobody has no role, no scope and no claim, and what is absent equals nothing. */
const unlessAbsent =
  (condition: Condition): Condition =>
  (subject) => {
    const outcome = condition(subject);
    return outcome.kind === 'absent' ? fails(outcome.refusal) : outcome;
  };

/** Whether a requirement, or one in it, asks for a principal. */
export function asksForPrincipal(requirement: unknown): boolean {
  if (Array.isArray(requirement)) return requirement.some(asksForPrincipal);
  if (!isObject(requirement)) return false;
  return Object.entries(requirement).some(([key, value]) => {
    const { asksForPrincipal: asks = false } = own<ConditionKind<never>>(conditions, key) ?? {};
    return (typeof asks === 'function' ? asks(value) : asks) || asksForPrincipal(value);
  });
}

/** What requirements of a rule are built with. */
interface RequirementScope extends Authority {
  /** The names of the path's `{name}` segments; undefined when the path has issues of its own. */
  readonly pathNames: readonly string[] | undefined;
}

/**
 * Compiles a rule's `require`, whose shape the schema has checked; without one the step abstains. What it compiles to only passes when every condition is known
 * to hold. Issues are reported below the context, which stands at `require`.
 */
export function buildRequirement(
  options: RequirementOptions | undefined,
  scope: RequirementScope,
  context: BuildContext,
): (subject: Subject) => Verdict {
  if (options === undefined) return () => abstain();
  const condition = compile(options, { ...scope, denies: false, tenant: undefined, depth: 1 }, context);
  return (subject) => {
    const outcome = condition(subject);
    return outcome.kind === 'holds' ? passWith(undefined, outcome.detail) : outcome.refusal;
  };
}

/**
 * Compiles the `when` of a deny rule: the facts by which it holds, or undefined where it is known not to. Nobody has no
 * role, no scope and no claim, and what is absent equals nothing, so that a negation holds then; what cannot be told, as
 * an address that cannot be read, holds. Issues are reported below the context, which stands at `when`.
 */
export function buildProhibition(
  options: RequirementOptions | undefined,
  scope: RequirementScope,
  context: BuildContext,
): (subject: Subject) => Detail | undefined {
  if (options === undefined) return () => ({});
  const condition = compile(options, { ...scope, denies: true, tenant: undefined, depth: 1 }, context);
  return (subject) => {
    const outcome = condition(subject);
    if (outcome.kind === 'holds') return outcome.detail;
    return outcome.kind === 'fails' ? undefined : { unknown: outcome.refusal.reason };
  };
}
