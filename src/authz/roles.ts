import type { BuildContext, JsonSchema } from '../core/build.ts';
import { covers, grantPattern, isGrant } from './grant.ts';

/** One role as it is configured. */
interface RoleOptions {
  readonly inherits?: readonly string[];
  readonly permissions?: readonly string[];
}

/** The key roles: roles by name. */
export type RolesOptions = Readonly<Record<string, RoleOptions>>;

const namePattern = '^[^\\s\\p{C}](?:[^\\p{C}]{0,126}[^\\s\\p{C}])?$';

/** The schema of a role's name. */
export const roleNameSchema: JsonSchema = Object.freeze({
  type: 'string',
  pattern: namePattern,
  patternErrorMessage: 'must be a name of 1 to 128 characters without control characters, and without blanks around it',
});

/** The schema of the key roles. */
export const rolesSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'What the roles of principals permit. A role that a credential states and that is not here grants nothing. Default: no roles.',
  maxProperties: 1000,
  propertyNames: roleNameSchema,
  additionalProperties: {
    type: 'object',
    additionalProperties: false,
    properties: {
      inherits: {
        type: 'array',
        items: roleNameSchema,
        description: 'Roles whose permissions, and whose own inheritance, this one has too. Default: none.',
      },
      permissions: {
        type: 'array',
        items: {
          type: 'string',
          pattern: grantPattern,
          patternErrorMessage: 'must be a permission like orders:write, or its beginning and a star like orders:*',
        },
        description:
          'What the role permits: `orders:write`, or `orders:*` for everything that begins with `orders:`. There is no star for all. Default: none.',
      },
    },
  },
  examples: [
    { reader: { permissions: ['orders:read'] }, editor: { inherits: ['reader'], permissions: ['orders:write'] } },
  ],
});

/** The compiled roles: everything that inheritance says, said once. */
export interface Roles {
  /** The names of all roles, in the order of the config. */
  readonly names: ReadonlySet<string>;
  /** The roles that are the named one or inherit it. */
  readonly holdersOf: (role: string) => ReadonlySet<string>;
  /** The roles that grant the permission, themselves or by inheritance. */
  readonly grantersOf: (permission: string) => ReadonlySet<string>;
  /** The role and all that it inherits, itself first. */
  readonly closureOf: (role: string) => ReadonlySet<string>;
  /** What the role grants itself, as it is configured. */
  readonly grantsOf: (role: string) => readonly string[];
}

type RoleMap = ReadonlyMap<string, RoleOptions>;

/** The role and all that it inherits. */
function closureOf(role: string, roles: RoleMap): ReadonlySet<string> {
  const closure = new Set([role]);
  // A set is walked together with what is added on the way.
  for (const name of closure) for (const parent of roles.get(name)?.inherits ?? []) closure.add(parent);
  return closure;
}

function reportNames(roles: RoleMap, context: BuildContext): void {
  for (const [name, { inherits = [], permissions = [] }] of roles) {
    for (const [index, parent] of inherits.entries()) {
      if (!roles.has(parent)) {
        context.issue([name, 'inherits', index], unknownRole(parent, [...roles.keys()]));
      }
    }
    for (const [index, permission] of permissions.entries()) {
      if (!isGrant(permission)) {
        context.issue([name, 'permissions', index], `${JSON.stringify(permission)} is neither like a:b nor like a:*`);
      }
    }
  }
}

/** Reports every inheritance that leads back to itself, once, where the circle closes. */
function reportCycles(roles: RoleMap, context: BuildContext): void {
  const done = new Set<string>();
  const visit = (name: string, way: readonly string[]): void => {
    for (const [index, parent] of (roles.get(name)?.inherits ?? []).entries()) {
      const start = way.indexOf(parent);
      if (start >= 0) {
        const circle = [...way.slice(start), parent].join(' → ');
        context.issue([name, 'inherits', index], `a role cannot inherit itself: ${circle}`);
      } else if (!done.has(parent)) {
        visit(parent, [...way, parent]);
      }
    }
    done.add(name);
  };
  for (const name of roles.keys()) if (!done.has(name)) visit(name, [name]);
}

/** What to say of a role that the config does not have. */
export function unknownRole(name: string, known: readonly string[]): string {
  const list = known.length === 0 ? 'no roles are configured' : `known are ${known.slice(0, 20).join(', ')}`;
  return `unknown role ${JSON.stringify(name)}; ${list}`;
}

/** Compiles the key roles; unknown names, circles and malformed permissions are issues. */
export function buildRoles(options: RolesOptions | undefined, context: BuildContext): Roles {
  const roles: RoleMap = new Map(Object.entries(options ?? {}));
  reportNames(roles, context);
  reportCycles(roles, context);
  const closures = [...roles.keys()].map((name) => [name, closureOf(name, roles)] as const);
  const grants = (name: string, permission: string): boolean =>
    (roles.get(name)?.permissions ?? []).some((granted) => covers(granted, permission));
  const rolesWhose = (test: (closure: ReadonlySet<string>) => boolean): ReadonlySet<string> =>
    new Set(closures.filter(([, closure]) => test(closure)).map(([name]) => name));
  return Object.freeze({
    names: new Set(roles.keys()),
    holdersOf: (role: string) => rolesWhose((closure) => closure.has(role)),
    grantersOf: (permission: string) => rolesWhose((closure) => [...closure].some((name) => grants(name, permission))),
    closureOf: (role: string) => closureOf(role, roles),
    grantsOf: (role: string) => roles.get(role)?.permissions ?? [],
  });
}
