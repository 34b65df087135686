import { type ConditionKind, never } from './condition.ts';
import { requireOneOf } from './membership.ts';
import { roleNameSchema, unknownRole } from './roles.ts';

/** The principal has the role, or one that inherits it. */
export const role: ConditionKind<string> = {
  schema: {
    ...roleNameSchema,
    description: 'A configured role that the principal must have, itself or by inheritance. Default: none.',
    examples: ['reader'],
  },
  asksForPrincipal: true,
  build: (wanted, scope) => {
    const { roles, context } = scope;
    if (!roles.names.has(wanted)) {
      context.issue([], unknownRole(wanted, [...roles.names]));
      return never;
    }
    return requireOneOf(roles.holdersOf(wanted), { role: wanted }, 'role_missing', scope);
  },
};
