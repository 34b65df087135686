import { Command } from 'commander';
import type { Access } from '../config/access.ts';
import type { Issue } from '../config/issue.ts';
import { splitPrincipalKey } from '../core/principal.ts';
import { print, refuseIssues } from './print.ts';
import type { Somebody } from './roles/access-report.ts';
import { splitWords, unknownName } from './usage.ts';

type ReadAccess = Access | { readonly issues: readonly Issue[] };

/** What the command may be given instead of the real thing. */
interface RolesParts {
  readonly read?: (file: string) => ReadAccess | Promise<ReadAccess>;
  readonly print?: (text: string) => void;
}

interface RolesFlags {
  readonly principal?: string;
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly json?: boolean;
}

const examples = `
A rule is open to a role (yes), shut (no), or asks for more than roles: more. Where a deny rule refuses whatever the rule
takes it is denied; a star says that one may hold, for some requests or by more than roles. What each rule asks for, and
which deny rules are meant, stands below the table. With --principal the columns are that principal's: what it holds everywhere, and in each tenant where it holds
something. Roles that its credential states are not known here: add them with --roles, as the provider names them, and
its groups with --groups; roles_map of the identity makes ours of them.
Exit code 0: printed, 2: the config has issues, or does not know the identity or a role.

Examples:
  portcullis roles portcullis.yaml
  portcullis roles portcullis.yaml --principal users/alice --roles reader --groups staff
  portcullis roles portcullis.yaml --json | jq '.rules[] | select(.open.guest == "yes") | .id'
`;

/** The command `roles`: who may do what, by the config alone. */
export function rolesCommand(parts: RolesParts = {}): Command {
  const { read = readAccess, print: say = print } = parts;
  return new Command('roles')
    .description('print who may do what: roles, permissions, rules, deny rules and bindings')
    .argument('<file>', 'the config')
    .option('--principal <key>', 'one principal, as IDENTITY/ID')
    .option('--roles <names>', 'roles that its credential states, with commas between them', splitWords)
    .option('--groups <names>', 'groups that its credential states, with commas between them', splitWords)
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (file: string, flags: RolesFlags, command: Command) => {
      const asked = readSomebody(flags, command);
      const access = await read(file);
      if ('issues' in access) {
        process.exitCode = refuseIssues(access.issues, flags.json, say);
        return;
      }
      const somebody = asked && inOurWords(asked, access, (message) => command.error(`error: ${message}`));
      const { accessOfRoles, accessOfSomebody } = await import('./roles/access-report.ts');
      const report = somebody === undefined ? accessOfRoles(access) : accessOfSomebody(access, somebody);
      say(flags.json ? JSON.stringify(report, null, 2) : (await import('./roles/format.ts')).formatReport(report));
    });
}

function readSomebody({ principal, roles = [], groups = [] }: RolesFlags, command: Command): Somebody | undefined {
  if (principal === undefined) {
    if (roles.length + groups.length > 0) command.error('error: --roles and --groups need --principal');
    return undefined;
  }
  const named = splitPrincipalKey(principal);
  if (named === undefined) return command.error('error: a principal is IDENTITY/ID, like users/alice');
  return { ...named, roles, groups };
}

/** Somebody with the roles that its identity makes of what a credential states. */
function inOurWords(asked: Somebody, access: Access, refuse: (message: string) => never): Somebody {
  const { source, roles, groups } = asked;
  const identity = access.identities.get(source);
  if (identity === undefined) return refuse(unknownName('identity', source, [...access.identities.keys()]));
  const { mapped, keeps } = identity;
  const known = [...new Set([...mapped, ...(keeps ? access.authority.roles.names : [])])];
  const unknown = roles.find((role) => !known.includes(role));
  if (unknown !== undefined) return refuse(unknownName(`role of ${source}`, unknown, known));
  if (groups.length > 0 && !identity.groups) return refuse(`${source} knows no groups: it has no groups_claim`);
  return { ...asked, roles: [...identity.rolesOf(new Set(roles)).union(identity.rolesOfGroups(new Set(groups)))] };
}

const readAccess = async (file: string): Promise<ReadAccess> => (await import('./offline.ts')).readAccess(file);
