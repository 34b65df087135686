import { type Condition, type ConditionKind, never } from './condition.ts';

/** A kind of condition that joins several requirements into one. */
export const joining = (
  description: string,
  example: readonly unknown[],
  join: (conditions: readonly Condition[]) => Condition,
): ConditionKind<readonly unknown[]> => ({
  schema: {
    type: 'array',
    minItems: 1,
    items: { $ref: '#/$defs/requirement' },
    description,
    examples: [example],
  },
  asksForPrincipal: false,
  build: (requirements, { nested, context }) => {
    if (requirements.length === 0) {
      context.issue([], 'holds no requirement');
      return never;
    }
    return join(requirements.map((requirement, index) => nested(requirement, index)));
  },
});
