import type { Subject } from '../core/plan.ts';
import { reject } from '../core/verdict.ts';
import { type Condition, type ConditionKind, fails, never, unknown } from './condition.ts';

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
export const any: ConditionKind<readonly unknown[]> = {
  schema: {
    type: 'array',
    minItems: 1,
    items: { $ref: '#/$defs/requirement' },
    description: 'Requirements of which one must hold. Default: none.',
    examples: [[{ role: 'reader' }, { claim: { name: 'tenant', equals: 'acme' } }]],
  },
  asksForPrincipal: false,
  build: (requirements, { nested, context }) => {
    if (requirements.length === 0) {
      context.issue([], 'holds no requirement');
      return never;
    }
    return disjunction(requirements.map((requirement, index) => nested(requirement, index)));
  },
};
