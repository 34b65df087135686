import type { BuildContext, JsonSchema } from '../core/build.ts';
import { claimReader } from '../core/claim.ts';
import { isObject } from '../core/json.ts';
import { listOfTexts, type Reader } from '../core/options.ts';
import type { Claims, Memberships } from '../core/principal.ts';
import { isPlainText, readWords } from './text.ts';

/** What claims say of roles and groups, in our words. */
interface StatedRoles {
  readonly roles: ReadonlySet<string>;
  readonly memberships: Memberships;
}

/** Reads roles and groups from verified claims; a claim of the wrong shape gives its name. */
export type RoleReader = (claims: Claims) => StatedRoles | { readonly claim: string };

const claimName: JsonSchema = Object.freeze({ type: 'string', minLength: 1 });

/** The options by which every kind of identity with claims reads roles and groups: see readRoleMapping. */
export const roleSchemas = Object.freeze({
  roles_claim: {
    type: ['string', 'array'],
    minLength: 1,
    minItems: 1,
    uniqueItems: true,
    items: claimName,
    description:
      'The claim that holds roles, or several such claims; a dotted path reaches into objects (realm_access.roles). Default roles.',
  },
  groups_claim: {
    ...claimName,
    description:
      'The claim that holds groups. A group becomes a role by roles_map or by a binding, never by its name alone. Default none.',
  },
  tenant_roles_claim: {
    ...claimName,
    description:
      'The claim that holds roles by tenant, an object like {"acme": ["admin"]}: such a role counts in its tenant alone. Default none.',
  },
  roles_map: {
    type: 'object',
    description:
      'Our roles for the roles and groups of the provider, by their names there; an empty list takes the role away. Default none.',
    additionalProperties: { type: 'array', items: { type: 'string', minLength: 1 } },
  },
  unmapped: {
    enum: ['keep', 'drop'],
    description:
      'What becomes of roles that roles_map does not name: kept as they are, or dropped. Default drop, which has a meaning with roles_map alone.',
  },
} as const satisfies Record<string, JsonSchema>);

/** Our roles for the names that a claim holds. */
type Translate = (names: ReadonlySet<string>) => ReadonlySet<string>;
type Fault = { readonly claim: string };
type Read<T> = (claims: Claims) => T | Fault;

const isFault = (read: object): read is Fault => 'claim' in read;

/** How an identity puts what its credentials state into our words. */
export interface RoleNames {
  readonly rolesOf: Translate;
  readonly rolesOfGroups: Translate;
  /** The names that roles_map has. */
  readonly mapped: readonly string[];
  /** Whether roles that it does not have are kept as they are. */
  readonly keeps: boolean;
}

/** Reads how roles are named from the options of any kind of identity; one without roles_map keeps them as they are. */
export function readRoleNames(reader: Reader, context: Pick<BuildContext, 'issue'>): RoleNames {
  const map = readMap(reader, context);
  const keeps = readUnmapped(reader, context) === 'keep';
  return {
    rolesOf: (names) =>
      keeps && map.size === 0 ? names : new Set([...names].flatMap((name) => map.get(name) ?? (keeps ? [name] : []))),
    rolesOfGroups: (names) => new Set([...names].flatMap((name) => map.get(name) ?? [])),
    mapped: [...map.keys()],
    keeps,
  };
}

/** Reads the options of roleSchemas; what is wrong is an issue at its place. */
export function readRoleMapping(reader: Reader, context: BuildContext): RoleReader {
  const { rolesOf, rolesOfGroups } = readRoleNames(reader, context);
  const stated = readWordsOf(readRolesClaim(reader, context));
  const inGroups = readWordsOf(reader.has('groups_claim') ? [reader.text('groups_claim', '')] : []);
  const inTenants = reader.has('tenant_roles_claim')
    ? readTenants(reader.text('tenant_roles_claim', ''), rolesOf)
    : () => noTenants;
  return (claims) => {
    const [roles, groups, tenantRoles] = [stated(claims), inGroups(claims), inTenants(claims)];
    if (isFault(roles)) return roles;
    if (isFault(groups)) return groups;
    if (isFault(tenantRoles)) return tenantRoles;
    const ours = rolesOf(roles);
    return {
      roles: groups.size === 0 ? ours : ours.union(rolesOfGroups(groups)),
      memberships: { groups, tenantRoles },
    };
  };
}

const noWords: ReadonlySet<string> = new Set();
const noTenants: ReadonlyMap<string, ReadonlySet<string>> = new Map();

function readRolesClaim(reader: Reader, context: BuildContext): readonly string[] {
  if (!Array.isArray(reader.raw('roles_claim'))) return [reader.text('roles_claim', 'roles')];
  const names = reader.texts('roles_claim', []);
  if (names.length === 0) context.issue(['roles_claim'], 'must name at least one claim');
  return names;
}

function readMap(reader: Reader, context: Pick<BuildContext, 'issue'>): ReadonlyMap<string, readonly string[]> {
  const map = reader.raw('roles_map') ?? {};
  if (!isObject(map)) context.issue(['roles_map'], 'must be an object of lists');
  const entries = Object.entries(isObject(map) ? map : {}).map(([name, value]) => {
    const roles = listOfTexts(value);
    if (roles === undefined) context.issue(['roles_map', name], 'must be a list of roles');
    return [name, roles ?? []] as const;
  });
  return new Map(entries);
}

function readUnmapped(reader: Reader, context: Pick<BuildContext, 'issue'>): 'keep' | 'drop' {
  const mapped = reader.has('roles_map');
  const said = reader.raw('unmapped');
  if (said === undefined) return mapped ? 'drop' : 'keep';
  if (!mapped) context.issue(['unmapped'], 'has no meaning without roles_map');
  if (said !== 'keep' && said !== 'drop') context.issue(['unmapped'], 'must be keep or drop');
  return said === 'keep' ? 'keep' : 'drop';
}

/** Reads the words of several claims together; the first of them that holds anything else is at fault. */
function readWordsOf(names: readonly string[]): Read<ReadonlySet<string>> {
  const readers = names.map((claim) => ({ claim, read: claimReader(claim) }));
  return (claims) => {
    let all: ReadonlySet<string> | undefined;
    for (const { claim, read } of readers) {
      const words = readWords(read(claims));
      if (words === undefined) return { claim };
      all = all === undefined ? words : all.union(words);
    }
    return all ?? noWords;
  };
}

/** Reads roles by tenant; what is no object of such lists under plain names is at fault. */
function readTenants(claim: string, rolesOf: Translate): Read<ReadonlyMap<string, ReadonlySet<string>>> {
  const read = claimReader(claim);
  return (claims) => {
    const value = read(claims);
    if (value === undefined) return noTenants;
    if (!isObject(value)) return { claim };
    const tenants = new Map<string, ReadonlySet<string>>();
    for (const [tenant, stated] of Object.entries(value)) {
      const words = readWords(stated);
      if (words === undefined || !isPlainText(tenant)) return { claim };
      tenants.set(tenant, rolesOf(words));
    }
    return tenants;
  };
}
