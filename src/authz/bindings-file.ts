import type { Report, SourceFile } from '../core/build.ts';
import { isObject, own } from '../core/json.ts';
import { splitPrincipalKey } from '../core/principal.ts';
import { type Roles, unknownRole } from './roles.ts';

/** One entry of a bindings file. */
export interface Binding {
  readonly kind: 'principal' | 'group';
  /** IDENTITY/NAME: the key of a principal, or a group as that identity's claim names it. */
  readonly subject: string;
  readonly roles: readonly string[];
  /** Where the roles count; undefined: everywhere. */
  readonly tenant: string | undefined;
}

/** What entries may name. */
export interface BindingsScope {
  readonly roles: Roles;
  /** The names of all identities. */
  readonly identities: readonly string[];
  /** The identities whose principals can be in groups. */
  readonly grouped: ReadonlySet<string>;
}

const members = ['principal', 'group', 'roles', 'tenant'];

/** Reads a bindings file: `bindings:` and a list of entries; whatever is wrong is an issue at its place. */
export function readBindingsFile(file: SourceFile, scope: BindingsScope): readonly Binding[] {
  const document = file.document();
  if (document === undefined) return [];
  const report: Report = (path, message) => file.issue(path, message);
  if (!isObject(document)) {
    report([], 'must be an object with the list bindings');
    return [];
  }
  refuseUnknown(document, ['bindings'], report);
  const list = own(document, 'bindings');
  if (!Array.isArray(list)) {
    report(['bindings'], 'must be a list of bindings');
    return [];
  }
  return list.flatMap(
    (entry: unknown, index) =>
      readEntry(entry, scope, (path, message) => report(['bindings', index, ...path], message)) ?? [],
  );
}

function refuseUnknown(value: Readonly<Record<string, unknown>>, known: readonly string[], report: Report): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) report([name], `unknown key; known are ${known.join(', ')}`);
  }
}

function readEntry(entry: unknown, scope: BindingsScope, report: Report): Binding | undefined {
  if (!isObject(entry)) {
    report([], 'must be an object');
    return undefined;
  }
  refuseUnknown(entry, members, report);
  const subject = readSubject(entry, scope, report);
  const roles = readRoles(own(entry, 'roles'), scope, report);
  const tenant = own(entry, 'tenant');
  if (tenant !== undefined && !isName(tenant)) {
    report(['tenant'], 'must be the name of a tenant, without blanks around it and control characters');
    return undefined;
  }
  return subject && { ...subject, roles, tenant };
}

type Subject = Pick<Binding, 'kind' | 'subject'>;

function readSubject(
  entry: Readonly<Record<string, unknown>>,
  { identities, grouped }: BindingsScope,
  report: Report,
): Subject | undefined {
  const [kind, another] = (['principal', 'group'] as const).filter((name) => Object.hasOwn(entry, name));
  if (kind === undefined || another !== undefined) {
    report([], 'must have exactly one of principal, group');
    return undefined;
  }
  const subject = own(entry, kind);
  const identity = typeof subject === 'string' ? splitPrincipalKey(subject)?.source : undefined;
  if (!isName(subject) || identity === undefined) {
    report(
      [kind],
      `must be an identity, a slash and the ${kind === 'group' ? 'group, like users/staff' : 'id, like users/alice'}`,
    );
    return undefined;
  }
  if (!identities.includes(identity)) {
    report([kind], `unknown identity "${identity}"; known are ${identities.join(', ') || 'none'}`);
  } else if (kind === 'group' && !grouped.has(identity)) {
    report([kind], `nobody of "${identity}" is in a group: it has no groups_claim`);
  }
  return { kind, subject };
}

function readRoles(value: unknown, { roles }: BindingsScope, report: Report): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) {
    report(['roles'], 'must be a list of at least one role');
    return [];
  }
  return value.filter((role: unknown, index): role is string => {
    if (typeof role !== 'string') report(['roles', index], 'must be the name of a role');
    else if (!roles.names.has(role)) report(['roles', index], unknownRole(role, [...roles.names]));
    return typeof role === 'string';
  });
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' &&
  value !== '' &&
  value.trim() === value &&
  value.isWellFormed() &&
  !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value);
