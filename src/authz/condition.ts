import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Subject } from '../core/plan.ts';
import type { Principal } from '../core/principal.ts';
import type { Reason } from '../core/reason.ts';
import { type Detail, type Reject, reject } from '../core/verdict.ts';
import type { Roles } from './roles.ts';

/**
 * What a condition makes of a subject. unknown: what it asks about is not there, a principal or an address; it is no more
 * true when it is negated, so that nobody gets in by being nobody.
 */
export type Outcome =
  | { readonly kind: 'holds'; readonly detail: Detail }
  | { readonly kind: 'fails' | 'unknown'; readonly refusal: Reject };

/** A compiled condition. Never throws. */
export type Condition = (subject: Subject) => Outcome;

/** What a condition is built with. */
interface ConditionScope {
  readonly roles: Roles;
  /** At the condition's own options. */
  readonly context: BuildContext;
  /** Builds a requirement that stands in this one, at a path below the options. */
  readonly nested: (options: unknown, ...path: readonly (string | number)[]) => Condition;
}

/** One kind of condition: the schema of its options, with examples that the contract suite builds, and what compiles them. */
export interface ConditionKind<Options> {
  readonly schema: JsonSchema & { readonly examples: readonly unknown[] };
  /** Whether it asks for a principal itself: where there is none it cannot hold. */
  readonly asksForPrincipal: boolean;
  readonly build: (options: Options, scope: ConditionScope) => Condition;
}

const noDetail: Detail = Object.freeze({});

/** The condition holds; the detail says by what. */
export const holds = (detail: Detail = noDetail): Outcome => ({ kind: 'holds', detail });

/** The condition does not hold. */
export const fails = (refusal: Reject): Outcome => ({ kind: 'fails', refusal });

/** What the condition asks about is not there. */
export const unknown = (refusal: Reject): Outcome => ({ kind: 'unknown', refusal });

/** The outcome of a condition on a principal where there is none. */
export const nobody = (reason: Reason, detail: Detail, headers: Reject['headers'] = []): Outcome =>
  unknown(reject(reason, { ...detail, principal: 'none' }, { headers }));

/** A condition that never holds: what a condition with issues compiles to. */
export const never: Condition = () =>
  unknown(reject('alternatives_exhausted', { problem: 'the condition is not valid' }));

const shownRoles = 16;

/** The roles that a principal states, as far as a detail has room for them. */
export const rolesOf = (principal: Principal): readonly string[] => [...principal.roles].slice(0, shownRoles);
