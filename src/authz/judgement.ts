import { isObject } from '../core/json.ts';
import type { Roles } from './roles.ts';

/** Whether roles open something: yes and no whatever else is the case, more where it depends on something besides them. */
export type Answer = 'yes' | 'more' | 'no';

/** Roles somebody holds, as far as they are known. */
export interface Holding {
  readonly everywhere: ReadonlySet<string>;
  /** Those held in the one tenant that is looked at; undefined: which tenant it is about is not known. */
  readonly inTenant: ReadonlySet<string> | undefined;
}

const and = (answers: readonly Answer[]): Answer =>
  answers.includes('no') ? 'no' : answers.includes('more') ? 'more' : 'yes';
const or = (answers: readonly Answer[]): Answer =>
  answers.includes('yes') ? 'yes' : answers.includes('more') ? 'more' : 'no';
const opposite = { yes: 'no', more: 'more', no: 'yes' } as const satisfies Record<Answer, Answer>;
const nothing: ReadonlySet<string> = new Set();
const yesIf = (holds: boolean): Answer => (holds ? 'yes' : 'no');

/**
 * What a requirement comes to by roles alone, where all else may or may not be the case. The requirement has been built
 * without issues.
 */
export function judge(requirement: unknown, holding: Holding, roles: Roles): Answer {
  return judgeWith(requirement, holding, holding.everywhere, roles);
}

function judgeWith(requirement: unknown, holding: Holding, outer: ReadonlySet<string>, roles: Roles): Answer {
  if (!isObject(requirement)) return 'yes';
  const { everywhere, inTenant } = holding;
  const held = Object.hasOwn(requirement, 'tenant') ? everywhere.union(inTenant ?? nothing) : outer;
  const nested = (inner: unknown): Answer => judgeWith(inner, holding, held, roles);
  const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  return and(
    Object.entries(requirement).map(([key, value]): Answer => {
      switch (key) {
        case 'permission':
          return yesIf(!roles.grantersOf(String(value)).isDisjointFrom(held));
        case 'role':
          return yesIf(!roles.holdersOf(String(value)).isDisjointFrom(held));
        case 'tenant':
          return inTenant === undefined ? 'more' : yesIf(!roles.names.isDisjointFrom(held));
        case 'all':
          return and(list(value).map(nested));
        case 'any':
          return or(list(value).map(nested));
        case 'not':
          return opposite[nested(value)];
        default:
          return 'more';
      }
    }),
  );
}

/** A requirement as one line for people: `permission orders:write and (role admin or not scope a)`. */
export function describeRequirement(requirement: unknown): string {
  if (!isObject(requirement)) return 'nothing';
  return Object.entries(requirement)
    .map(([key, value]) => describeOne(key, value))
    .join(' and ');
}

function describeOne(key: string, value: unknown): string {
  const several = (word: string): string => {
    const parts = Array.isArray(value) ? value.map(describeRequirement) : [];
    return parts.length === 1 ? parts.join() : `(${parts.join(` ${word} `)})`;
  };
  switch (key) {
    case 'all':
      return several('and');
    case 'any':
      return several('or');
    case 'not':
      return `not (${describeRequirement(value)})`;
    case 'equal':
      return Array.isArray(value) ? value.map(side).join(' = ') : '';
    default:
      return `${key} ${plain(value)}`;
  }
}

const side = (value: unknown): string => (isObject(value) ? JSON.stringify(value['value']) : String(value));

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  if (!isObject(value)) return String(value);
  return Object.entries(value)
    .map(([name, member]) => `${name}=${plain(member)}`)
    .join(' ');
}
