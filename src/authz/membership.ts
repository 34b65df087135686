import type { Subject } from '../core/plan.ts';
import type { Reason } from '../core/reason.ts';
import { type Detail, reject } from '../core/verdict.ts';
import { type Condition, fails, holds, nobody, type Outcome, rolesOf } from './condition.ts';

/** The condition that a principal states one of the given roles; it passes by the first of them that it finds. */
export function requireOneOf(roles: ReadonlySet<string>, wanted: Detail, reason: Reason): Condition {
  const nobodyThere = nobody(reason, wanted);
  const held = new Map([...roles].map((role): [string, Outcome] => [role, holds({ ...wanted, by_role: role })]));
  return ({ principal }: Subject) => {
    if (principal === undefined) return nobodyThere;
    for (const [role, outcome] of held) if (principal.roles.has(role)) return outcome;
    return fails(reject(reason, { ...wanted, roles: rolesOf(principal), needs_one_of: [...roles].slice(0, 16) }));
  };
}
