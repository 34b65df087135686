import { reject } from '../core/verdict.ts';
import { type ConditionKind, fails, holds, never, nobody } from './condition.ts';
import { noTenant } from './membership.ts';

/**
 * The principal holds a configured role in the tenant that a reference names, or everywhere. In the same requirement, and
 * in those that stand in it, permissions and roles must be held there, too.
 */
export const tenant: ConditionKind<string> = {
  schema: {
    type: 'string',
    minLength: 1,
    description:
      'A reference that names a tenant, like `path.tenant`: permission and role in this requirement, and in those that stand in it, count only where they are held in that tenant or everywhere. Default: roles that are held in one tenant do not count.',
    examples: ['path.tenant'],
  },
  asksForPrincipal: true,
  build: (_text, { tenant: reference, roles, bindings }) => {
    // The requirement has parsed it for all its conditions.
    if (reference === undefined) return never;
    const detail = { tenant: reference.text };
    const nobodyThere = nobody('tenant_mismatch', detail);
    const held = holds(detail);
    const stranger = fails(reject('tenant_mismatch', { ...detail, present: true }));
    return (subject) => {
      const { principal } = subject;
      if (principal === undefined) return nobodyThere;
      const name = reference.read(subject);
      // An empty name is no tenant, whatever a claim or a binding says.
      if (name === undefined || name === '') return noTenant(reference.text);
      const sets = bindings.held(principal, name);
      return sets.some((set) => !set.isDisjointFrom(roles.names)) ? held : stranger;
    };
  },
};
