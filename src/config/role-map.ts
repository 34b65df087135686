import { type Roles, unknownRole } from '../authz/index.ts';
import type { BuildContext } from '../core/build.ts';
import { isObject, own } from '../core/json.ts';

type Identities = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** Reports roles to which an identity's `roles_map` leads and which are not configured: they would grant nothing. */
export function reportUnknownRoles(identities: Identities, roles: Roles, context: BuildContext): void {
  for (const [id, kinds] of Object.entries(identities)) {
    for (const [kind, options] of Object.entries(kinds ?? {})) {
      const map = isObject(options) ? own(options, 'roles_map') : undefined;
      for (const [name, ours] of Object.entries(isObject(map) ? map : {})) {
        for (const [index, role] of (Array.isArray(ours) ? ours : []).entries()) {
          if (typeof role === 'string' && !roles.names.has(role)) {
            context.issue([id, kind, 'roles_map', name, index], unknownRole(role, [...roles.names]));
          }
        }
      }
    }
  }
}
