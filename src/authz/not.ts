import { reject } from '../core/verdict.ts';
import { type ConditionKind, fails, holds, unknown } from './condition.ts';

/** The requirement does not hold, and it is known that it does not. */
export const not: ConditionKind<unknown> = {
  schema: {
    $ref: '#/$defs/requirement',
    description:
      'A requirement that must not hold. Where it asks for a principal or an address and there is none, it does not hold and neither does its negation. Default: none.',
    examples: [{ claim: { name: 'suspended', equals: true } }],
  },
  asksForPrincipal: false,
  build: (requirement, { nested }) => {
    const condition = nested(requirement);
    const held = holds();
    const negated = fails(reject('condition_negated'));
    return (subject) => {
      const outcome = condition(subject);
      if (outcome.kind === 'holds') return negated;
      return outcome.kind === 'fails'
        ? held
        : unknown(reject('condition_negated', { unknown: outcome.refusal.reason }));
    };
  },
};
