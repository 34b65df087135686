import { type Authority, describeRequirement } from '../authz/index.ts';
import { isObject } from '../core/json.ts';
import type { Mode } from '../core/plan.ts';
import type { DenyOptions } from './deny.ts';
import type { IdentityRoles } from './identity-roles.ts';
import type { MatchOptions } from './match.ts';
import type { ReadableRule } from './rule.ts';

/** Something that opens or closes a way: a rule, or a deny rule. */
interface Gate {
  readonly id: string;
  readonly mode: Mode;
  /** Which requests it is about, for people: `PUT, DELETE api.example.com /orders/{id}`. */
  readonly about: string;
  /** The same for programs. */
  readonly match: MatchOptions;
  /** Undefined: nothing more is asked. */
  readonly requirement: unknown;
  /** The requirement for people. */
  readonly asks: string;
}

/** A rule as far as it says who may pass. */
export interface RuleGate extends Gate {
  /** Identities whose principals it takes; undefined: it looks at no credential. */
  readonly identities: readonly string[] | undefined;
  /** Whether nobody in particular may pass, too. */
  readonly optional: boolean;
}

/** Everything in a config that says who may do what, for people and programs. */
export interface Access {
  readonly identities: ReadonlyMap<string, IdentityRoles>;
  readonly authority: Authority;
  readonly rules: readonly RuleGate[];
  readonly denials: readonly Gate[];
}

/** Gathers what rules and deny rules of a config without issues ask for. */
export function describeAccess(
  authority: Authority,
  identities: ReadonlyMap<string, IdentityRoles>,
  rules: readonly (ReadableRule | undefined)[],
  denials: readonly (DenyOptions | undefined)[],
): Access {
  return {
    authority,
    identities,
    rules: rules.flatMap((rule) => (rule === undefined ? [] : [ruleGate(rule)])),
    denials: denials.flatMap((denial) => (denial === undefined ? [] : [gate(denial, denial.when)])),
  };
}

const ruleGate = (rule: ReadableRule): RuleGate => ({
  ...gate(rule, rule.require),
  identities: rule.identity === undefined ? undefined : principalsOf(rule.identity),
  optional: rule.optional ?? false,
});

const gate = ({ id = '', mode = 'enforce', match = {} }: ReadableRule | DenyOptions, requirement: unknown): Gate => ({
  id,
  mode,
  about: describeMatch(match),
  match,
  requirement,
  asks: requirement === undefined ? '' : describeRequirement(requirement),
});

const describeMatch = ({ methods = [], hosts = [], path }: MatchOptions): string =>
  [methods.join(', '), hosts.join(', '), path ?? ''].filter((part) => part !== '').join(' ') || 'every request';

/** Who a selection's principal can be of: of all_of, it is the first alone. */
function principalsOf(selection: unknown): readonly string[] {
  const [[mode, ids] = ['exactly_one', selection]] = isObject(selection) ? Object.entries(selection) : [];
  const names = Array.isArray(ids) ? ids.map(String) : [];
  return mode === 'all_of' ? names.slice(0, 1) : names;
}
