import { openReader, type RoleNames, readRoleNames } from '../authn/index.ts';
import { isObject, own } from '../core/json.ts';

type Identities = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** The identities that read groups from a claim; one whose shape is bad may be one of them. */
export function identitiesWithGroups(identities: Identities): ReadonlySet<string> {
  const reads = (options: unknown): boolean => isObject(options) && own(options, 'groups_claim') !== undefined;
  const named = Object.entries(identities).filter(
    ([, kinds]) => kinds === undefined || Object.values(kinds).some(reads),
  );
  return new Set(named.map(([id]) => id));
}

/** What an identity reads of roles. */
export interface IdentityRoles extends RoleNames {
  readonly groups: boolean;
}

/** What each identity of a config without issues reads of roles. */
export function identityRoles(identities: Identities): ReadonlyMap<string, IdentityRoles> {
  const grouped = identitiesWithGroups(identities);
  const silent = { issue: () => {} };
  return new Map(
    Object.entries(identities).map(([id, kinds]) => {
      const [options] = Object.values(kinds ?? {});
      return [id, { ...readRoleNames(openReader(options, silent.issue), silent), groups: grouped.has(id) }] as const;
    }),
  );
}
