import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import type { Subject } from '../core/plan.ts';
import type { Reason } from '../core/reason.ts';
import type { Reference } from '../core/reference.ts';
import { type Detail, type Reject, reject } from '../core/verdict.ts';
import type { Bindings } from './bindings.ts';
import type { Roles } from './roles.ts';

/**
 * What a condition makes of a subject. absent: what it asks about is not there, a principal or a value. unknown: it is
 * there, perhaps, and cannot be told. Neither is more true when it is negated, so that nobody gets in by being nobody.
 */
export type Outcome =
  | { readonly kind: 'holds'; readonly detail: Detail }
  | { readonly kind: 'fails' | 'absent' | 'unknown'; readonly refusal: Reject };

/** A compiled condition. Never throws. */
export type Condition = (subject: Subject) => Outcome;

/** What conditions know besides the subject: what roles permit, who has them, and the time. */
export interface Authority {
  readonly roles: Roles;
  readonly bindings: Bindings;
  readonly clock: Clock;
}

/** What a condition is built with. */
export interface ConditionScope extends Authority {
  /** The tenant in which roles must be held; undefined where they must be held everywhere. */
  readonly tenant: Reference | undefined;
  /** At the condition's own options. */
  readonly context: BuildContext;
  /** Builds a requirement that stands in this one, at a path below the options. */
  readonly nested: (options: unknown, ...path: readonly (string | number)[]) => Condition;
  /** Parses a reference that stands at a path below the options; undefined, with an issue reported, when it is none. */
  readonly reference: (text: unknown, ...path: readonly (string | number)[]) => Reference | undefined;
}

/** One kind of condition: the schema of its options, with examples that the contract suite builds, and what compiles them. */
export interface ConditionKind<Options> {
  readonly schema: JsonSchema & { readonly examples: readonly unknown[] };
  /** Whether it asks for a principal itself, by its kind or by its options: where there is none it cannot hold. */
  readonly asksForPrincipal: boolean | ((options: unknown) => boolean);
  readonly build: (options: Options, scope: ConditionScope) => Condition;
}

const noDetail: Detail = Object.freeze({});

/** The condition holds; the detail says by what. */
export const holds = (detail: Detail = noDetail): Outcome => ({ kind: 'holds', detail });

/** The condition does not hold. */
export const fails = (refusal: Reject): Outcome => ({ kind: 'fails', refusal });

/** What the condition asks about is not there. */
export const absent = (refusal: Reject): Outcome => ({ kind: 'absent', refusal });

/** Whether the condition holds cannot be told. */
export const unknown = (refusal: Reject): Outcome => ({ kind: 'unknown', refusal });

/** The outcome of a condition on a principal where there is none. */
export const nobody = (reason: Reason, detail: Detail, headers: Reject['headers'] = []): Outcome =>
  absent(reject(reason, { ...detail, principal: 'none' }, { headers }));

/** A condition that never holds: what a condition with issues compiles to. */
export const never: Condition = () =>
  unknown(reject('alternatives_exhausted', { problem: 'the condition is not valid' }));

/** Whether another login of the same principal could lift a refusal (RFC 9470). */
export const isLiftable = ({ reason }: Reject): boolean => reason === 'step_up_required';
