import type { Subject } from '../core/plan.ts';
import { reject } from '../core/verdict.ts';
import { type Condition, fails, unknown } from './condition.ts';
import { joining } from './several.ts';

function disjunction(conditions: readonly Condition[]): Condition {
  return (subject: Subject) => {
    const missed: string[] = [];
    let certain = true;
    for (const condition of conditions) {
      const outcome = condition(subject);
      if (outcome.kind === 'holds') return outcome;
      certain &&= outcome.kind === 'fails';
      missed.push(outcome.refusal.reason);
    }
    const refusal = reject('alternatives_exhausted', { alternatives: missed });
    return certain ? fails(refusal) : unknown(refusal);
  };
}

/** One of the requirements holds; they are tried in their order. */
export const any = joining(
  'Requirements of which one must hold. Default: none.',
  [{ role: 'reader' }, { claim: { name: 'tenant', equals: 'acme' } }],
  disjunction,
);
