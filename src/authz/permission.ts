import { type ConditionKind, never } from './condition.ts';
import { isPermission, permissionPattern } from './grant.ts';
import { requireOneOf } from './membership.ts';

/** The principal has a role that grants the permission. */
export const permission: ConditionKind<string> = {
  schema: {
    type: 'string',
    pattern: permissionPattern,
    patternErrorMessage: 'must be a permission like orders:write, without a star',
    description: 'A permission that a role of the principal must grant, like `orders:write`. Default: none.',
    examples: ['orders:write'],
  },
  asksForPrincipal: true,
  build: (wanted, scope) => {
    const { roles, context } = scope;
    if (!isPermission(wanted)) {
      context.issue([], `${JSON.stringify(wanted)} is not a permission like a:b; a star is for roles only`);
      return never;
    }
    return requireOneOf(roles.grantersOf(wanted), { permission: wanted }, 'permission_missing', scope);
  },
};
