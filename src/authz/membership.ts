import type { Subject } from '../core/plan.ts';
import type { Reason } from '../core/reason.ts';
import { type Detail, reject } from '../core/verdict.ts';
import { absent, type Condition, type ConditionScope, fails, holds, nobody, type Outcome } from './condition.ts';

/** What of a scope says which roles count. */
type RoleScope = Pick<ConditionScope, 'bindings' | 'tenant'>;

const shown = 16;

/** The condition that a principal holds one of the given roles; it passes by the first of them that it finds. */
export function requireOneOf(
  roles: ReadonlySet<string>,
  wanted: Detail,
  reason: Reason,
  { bindings, tenant }: RoleScope,
): Condition {
  const nobodyThere = nobody(reason, wanted);
  const held = new Map([...roles].map((role): [string, Outcome] => [role, holds({ ...wanted, by_role: role })]));
  const needed = [...roles].slice(0, shown);
  return (subject: Subject) => {
    const { principal } = subject;
    if (principal === undefined) return nobodyThere;
    const where = tenant?.read(subject) || undefined;
    if (tenant !== undefined && where === undefined) return noTenant(tenant.text);
    const sets = bindings.held(principal, where);
    for (const [role, outcome] of held) if (sets.some((set) => set.has(role))) return outcome;
    return fails(reject(reason, { ...wanted, roles: firstOf(sets), needs_one_of: needed }));
  };
}

/** The roles in the sets, each once, as far as a detail has room for them. */
function firstOf(sets: readonly ReadonlySet<string>[]): readonly string[] {
  const first: string[] = [];
  for (const set of sets) {
    for (const role of set) {
      if (first.length === shown) return first;
      if (!first.includes(role)) first.push(role);
    }
  }
  return first;
}

/** The outcome where the request names no tenant. */
export const noTenant = (reference: string): Outcome =>
  absent(reject('tenant_mismatch', { tenant: reference, present: false }));
