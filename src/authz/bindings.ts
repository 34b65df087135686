import type { BuildContext, JsonSchema } from '../core/build.ts';
import { type Principal, principalKey } from '../core/principal.ts';
import { type Binding, type BindingsScope, readBindingsFile } from './bindings-file.ts';

/** The key bindings: the files that bind roles. */
export interface BindingsOptions {
  readonly file: string | readonly string[];
}

/** The schema of the key bindings. */
export const bindingsSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Roles for principals and groups, besides those that credentials state. Default: credentials alone say who has which roles.',
  additionalProperties: false,
  required: ['file'],
  properties: {
    file: {
      type: ['string', 'array'],
      minLength: 1,
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', minLength: 1 },
      description:
        'A file of bindings, or several; what they bind is added up. A change of a file is a reload. Required.',
    },
  },
});

/** Who holds which roles: what credentials state, and what bindings add to it. */
export interface Bindings {
  /** Every entry of the files, in their order. */
  readonly entries: readonly Binding[];
  /** The entries that are about a principal, by its key or by a group. */
  readonly entriesOf: (principal: Holder) => readonly Binding[];
  /** The sets of roles that a principal holds: everywhere, and in the tenant where one is given. Inheritance is not in them. */
  readonly held: (principal: Holder, tenant: string | undefined) => readonly ReadonlySet<string>[];
}

/** What of a principal says which roles it holds. */
type Holder = Pick<Principal, 'key' | 'source' | 'roles' | 'memberships'>;

interface Bound {
  readonly everywhere: Set<string>;
  readonly inTenants: Map<string, Set<string>>;
}

/** Compiles the key bindings; whatever is wrong with the files is an issue in its place. */
export function buildBindings(
  options: BindingsOptions | undefined,
  scope: BindingsScope,
  context: BuildContext,
): Bindings {
  const entries = namesOf(options, context).flatMap(([name, place]) => {
    const file = place.file(name);
    return file === undefined ? [] : readBindingsFile(file, scope);
  });
  const principals = collect(entries.filter(({ kind }) => kind === 'principal'));
  const groups = collect(entries.filter(({ kind }) => kind === 'group'));
  return Object.freeze({
    entries,
    entriesOf: (holder: Holder) => entries.filter((entry) => isAbout(entry, holder)),
    held: (holder: Holder, tenant: string | undefined) => held(holder, tenant, principals, groups),
  });
}

const namesOf = (options: BindingsOptions | undefined, context: BuildContext) => {
  const { file } = options ?? { file: [] };
  return typeof file === 'string'
    ? [[file, context.at('file')] as const]
    : file.map((name, index) => [name, context.at('file', index)] as const);
};

const isAbout = ({ kind, subject }: Binding, { key, source, memberships }: Holder): boolean =>
  kind === 'principal'
    ? subject === key
    : [...memberships.groups].some((group) => subject === principalKey(source, group));

function collect(entries: readonly Binding[]): ReadonlyMap<string, Bound> {
  const all = new Map<string, Bound>();
  for (const { subject, roles, tenant } of entries) {
    const bound = all.get(subject) ?? { everywhere: new Set(), inTenants: new Map() };
    all.set(subject, bound);
    const set = tenant === undefined ? bound.everywhere : (bound.inTenants.get(tenant) ?? new Set());
    if (tenant !== undefined) bound.inTenants.set(tenant, set);
    for (const role of roles) set.add(role);
  }
  return all;
}

function held(
  { key, source, roles, memberships }: Holder,
  tenant: string | undefined,
  principals: ReadonlyMap<string, Bound>,
  groups: ReadonlyMap<string, Bound>,
): readonly ReadonlySet<string>[] {
  const sets = [roles];
  const add = (set: ReadonlySet<string> | undefined): void => {
    if (set !== undefined) sets.push(set);
  };
  const addBound = (bound: Bound | undefined): void => {
    add(bound?.everywhere);
    if (tenant !== undefined) add(bound?.inTenants.get(tenant));
  };
  if (tenant !== undefined) add(memberships.tenantRoles.get(tenant));
  addBound(principals.get(key));
  // A group is named by its identity as a principal is: what another provider calls staff is another group.
  if (groups.size > 0) for (const group of memberships.groups) addBound(groups.get(principalKey(source, group)));
  return sets;
}
