import type { Subject } from '../core/plan.ts';
import type { Detail, Reject } from '../core/verdict.ts';
import { type Condition, fails, holds, isLiftable, unknown } from './condition.ts';
import { joining } from './several.ts';

/** What several conditions hold by; two that speak of the same thing make a list. */
function merged(details: readonly Detail[]): Detail {
  const facts: Record<string, Detail[string]> = { ...details[0] };
  for (const detail of details.slice(1)) {
    for (const [name, fact] of Object.entries(detail)) {
      const before = facts[name];
      facts[name] = before === undefined ? fact : [before, fact].flat().map(String);
    }
  }
  return facts;
}

/**
 * The condition that all of them hold. It gives the refusal of the first that does not, but one that another login could
 * lift only where that would be enough, and fails for certain when one of them does, whatever is unknown of the others.
 */
export function conjunction(conditions: readonly Condition[]): Condition {
  const [only, another] = conditions;
  if (only !== undefined && another === undefined) return only;
  return (subject: Subject) => {
    let refusal: Reject | undefined;
    let certain = false;
    const details: Detail[] = [];
    for (const condition of conditions) {
      const outcome = condition(subject);
      if (outcome.kind === 'holds') {
        details.push(outcome.detail);
        continue;
      }
      if (refusal === undefined || (isLiftable(refusal) && !isLiftable(outcome.refusal))) refusal = outcome.refusal;
      certain ||= outcome.kind === 'fails';
      if (certain && !isLiftable(refusal)) break;
    }
    if (refusal === undefined) return holds(merged(details));
    return certain ? fails(refusal) : unknown(refusal);
  };
}

/** Every one of the requirements holds. */
export const all = joining(
  'Requirements that must all hold. Default: none.',
  [{ permission: 'orders:write' }, { scope: 'orders.write' }],
  conjunction,
);
