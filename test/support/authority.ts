import { type Authority, buildBindings, buildRoles, type RolesOptions } from '../../src/authz/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { recordIssues } from './recording-context.ts';

/** What a test says of who may do what. */
interface AuthoritySketch {
  readonly roles?: RolesOptions;
  /** Entries of a bindings file. */
  readonly bindings?: readonly object[];
  readonly clock?: Clock;
}

const still: Clock = Object.freeze({ nowMs: () => Date.UTC(2026, 0, 15), monotonicMs: () => 0 });

/** Roles and bindings without issues, for the identities "users" and "partners"; time stands still. */
export function anAuthority({ roles = {}, bindings = [], clock = still }: AuthoritySketch = {}): Authority {
  const { context, issues } = recordIssues({ 'bindings.yaml': JSON.stringify({ bindings }) });
  const built = buildRoles(roles, context);
  const scope = { roles: built, identities: ['users', 'partners'], grouped: new Set(['users', 'partners']) };
  const authority = { roles: built, bindings: buildBindings({ file: 'bindings.yaml' }, scope, context), clock };
  if (issues.length > 0) throw new TypeError(issues.join('\n'));
  return authority;
}
