import type { Subject } from '../core/plan.ts';
import { type Reject, reject } from '../core/verdict.ts';
import { type Condition, fails, isLiftable, unknown } from './condition.ts';
import { joining } from './several.ts';

/** The condition that one of them holds. Where another login would be enough for one, that is the refusal. */
function disjunction(conditions: readonly Condition[]): Condition {
  return (subject: Subject) => {
    const missed: Reject[] = [];
    let certain = true;
    for (const condition of conditions) {
      const outcome = condition(subject);
      if (outcome.kind === 'holds') return outcome;
      certain &&= outcome.kind === 'fails';
      missed.push(outcome.refusal);
    }
    const alternatives = missed.map(({ reason }) => reason);
    const liftable = missed.find(isLiftable);
    const refusal =
      liftable === undefined
        ? reject('alternatives_exhausted', { alternatives })
        : { ...liftable, detail: { ...liftable.detail, alternatives } };
    return certain ? fails(refusal) : unknown(refusal);
  };
}

/** One of the requirements holds; they are tried in their order. */
export const any = joining(
  'Requirements of which one must hold. Default: none.',
  [{ role: 'reader' }, { claim: { name: 'tenant', equals: 'acme' } }],
  disjunction,
);
