import { type Answer, type Authority, type Holding, judge } from '../../authz/index.ts';
import type { Access, RuleGate } from '../../config/access.ts';
import { relationOf } from '../../config/match-relation.ts';
import { principalKey } from '../../core/principal.ts';

/** A principal, with what its credential would state. */
export interface Somebody {
  readonly source: string;
  readonly id: string;
  readonly roles: readonly string[];
  readonly groups: readonly string[];
}

/** Whether something is open, by the heading of a column. */
type Row<Cell = Answer> = Readonly<Record<string, Cell>>;

/** Whether a rule is open: denied where a deny rule always refuses it, with a star where one may refuse a request. */
type Openness = Answer | 'denied' | 'yes*' | 'more*';

/** Who may do what, as it is printed. */
export interface AccessReport {
  /** Undefined: the report is about all roles. */
  readonly principal: string | undefined;
  readonly roles: readonly {
    readonly name: string;
    /** All that it inherits, over any number of steps. */
    readonly inherits: readonly string[];
    readonly grants: readonly string[];
  }[];
  /** What the columns of the tables stand for: roles, or places in which a principal holds some. */
  readonly columns: readonly { readonly name: string; readonly holds: readonly string[] }[];
  readonly permissions: readonly { readonly name: string; readonly granted: Row }[];
  readonly rules: readonly (Printed & {
    readonly identities: readonly string[];
    readonly optional: boolean;
    readonly open: Row<Openness>;
    /** The deny rules that refuse requests that it would let through, or may do so. */
    readonly deniedBy: readonly string[];
  })[];
  readonly deny: readonly (Printed & { readonly holds: Row })[];
  readonly bindings: readonly {
    readonly subject: string;
    readonly roles: readonly string[];
    readonly tenant: string | undefined;
  }[];
}

interface Printed {
  readonly id: string;
  readonly mode: string;
  readonly match: string;
  readonly asks: string;
}

interface Column {
  readonly name: string;
  readonly holding: Holding;
  /** The identity that vouches for whoever it is about; undefined: any. */
  readonly source: string | undefined;
}

const nothing: ReadonlySet<string> = new Set();

/** The report on all roles: a column for each, and one for whoever has none. */
export function accessOfRoles(access: Access): AccessReport {
  const { roles } = access.authority;
  const columns = [...roles.names].map((name): Column => column(name, new Set([name])));
  return report(access, [column('(no role)', nothing), ...columns], undefined);
}

const column = (name: string, everywhere: ReadonlySet<string>): Column => ({
  name,
  holding: { everywhere, inTenant: undefined },
  source: undefined,
});

/** The report on one principal: a column for what it holds everywhere, and one for each tenant where it holds more. */
export function accessOfSomebody(access: Access, somebody: Somebody): AccessReport {
  const { bindings } = access.authority;
  const { source, id, groups } = somebody;
  const key = principalKey(source, id);
  const memberships = { groups: new Set(groups), tenantRoles: new Map() };
  const held = (tenant: string | undefined): ReadonlySet<string> =>
    new Set(
      bindings.held({ key, source, roles: new Set(somebody.roles), memberships }, tenant).flatMap((set) => [...set]),
    );
  const everywhere = held(undefined);
  const names = new Set(bindings.entries.flatMap(({ tenant }) => tenant ?? []));
  const tenants = [...names].filter((tenant) => !held(tenant).isSubsetOf(everywhere));
  const columns = [
    { name: 'everywhere', holding: { everywhere, inTenant: undefined }, source },
    ...tenants.map((name) => ({ name: `in ${name}`, holding: { everywhere, inTenant: held(name) }, source })),
  ];
  return report(access, columns, key);
}

function report(access: Access, columns: readonly Column[], principal: string | undefined): AccessReport {
  const { authority, rules, denials } = access;
  const { roles, bindings } = authority;
  const row = <Cell>(answer: (column: Column) => Cell): Row<Cell> =>
    Object.fromEntries(columns.map((one) => [one.name, answer(one)]));
  return {
    principal,
    roles: [...roles.names].map((name) => ({
      name,
      inherits: [...roles.closureOf(name)].filter((other) => other !== name),
      grants: roles.grantsOf(name),
    })),
    columns: columns.map(({ name, holding }) => ({ name, holds: [...heldIn(holding)] })),
    permissions: permissionsOf(access).map((name) => ({
      name,
      granted: row(({ holding }) => (roles.grantersOf(name).isDisjointFrom(heldIn(holding)) ? 'no' : 'yes')),
    })),
    rules: rules.map((rule) => {
      const open = row((one) => openness(rule, one, access));
      const deniers = columns.flatMap((one) => (open[one.name] === 'no' ? [] : deniersOf(rule, one, access)));
      return {
        ...printed(rule),
        identities: rule.identities ?? [],
        optional: rule.optional,
        open,
        deniedBy: [...new Set(deniers.map(({ id }) => id))],
      };
    }),
    deny: denials.map((denial) => ({
      ...printed(denial),
      holds: row(({ holding }) => judge(denial.requirement, holding, roles)),
    })),
    bindings: bindings.entries.map(({ kind, subject, roles: bound, tenant }) => ({
      subject: kind === 'group' ? `group ${subject}` : subject,
      roles: bound,
      tenant,
    })),
  };
}

const heldIn = ({ everywhere, inTenant }: Holding): ReadonlySet<string> => inTenant ?? everywhere;

const printed = ({ id, mode, about, asks }: Access['denials'][number]): Printed => ({ id, mode, match: about, asks });

function openness(rule: RuleGate, column: Column, access: Access): Openness {
  const answer = openTo(rule, column, access.authority);
  if (answer === 'no') return answer;
  const deniers = deniersOf(rule, column, access);
  if (deniers.some(({ always }) => always)) return 'denied';
  return deniers.length === 0 ? answer : `${answer}*`;
}

function openTo(rule: RuleGate, column: Column, { roles }: Authority): Answer {
  const { source } = column;
  if (source !== undefined && rule.identities?.includes(source) === false) return 'no';
  return judge(rule.requirement, seenBy(rule, column), roles);
}

/** A rule that looks at no credential knows no roles, and no deny rule knows more there. */
const seenBy = (rule: RuleGate, { holding }: Column): Holding =>
  rule.identities === undefined ? { everywhere: nothing, inTenant: undefined } : holding;

/** The enforced deny rules that refuse requests that the rule takes: always, or where more is the case than is known here. */
function deniersOf(
  rule: RuleGate,
  column: Column,
  { denials, authority }: Access,
): readonly { readonly id: string; readonly always: boolean }[] {
  return denials.flatMap(({ id, mode, match, requirement }) => {
    const share = relationOf(match, rule.match);
    const holds = judge(requirement, seenBy(rule, column), authority.roles);
    if (mode !== 'enforce' || share === 'none' || holds === 'no') return [];
    return [{ id, always: share === 'all' && holds === 'yes' }];
  });
}

/** Every permission that a role grants or a rule asks for, in the order in which they stand. */
function permissionsOf({ authority: { roles }, rules, denials }: Access): readonly string[] {
  const granted = [...roles.names].flatMap((name) => roles.grantsOf(name));
  return [...new Set([...granted, ...[...rules, ...denials].flatMap(({ requirement }) => asked(requirement))])];
}

function asked(requirement: unknown): readonly string[] {
  if (Array.isArray(requirement)) return requirement.flatMap(asked);
  if (typeof requirement !== 'object' || requirement === null) return [];
  return Object.entries(requirement).flatMap(([key, value]) =>
    key === 'permission' && typeof value === 'string' ? [value] : asked(value),
  );
}
