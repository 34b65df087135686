import type { Vouched } from '../core/vouched.ts';

/** Free-form values by the name of the filter that said them (google.protobuf.Struct). */
export type FilterFields = ReadonlyMap<string, Readonly<Record<string, unknown>> | undefined>;

/** The filter that asks our Check. */
export const authzFilter = 'envoy.filters.http.ext_authz';

/** A text that a filter said; undefined when it said none, or an empty one. */
export function textOf(fields: FilterFields, filter: string, name: string): string | undefined {
  const value = fields.get(filter)?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

type Members = keyof Vouched;

/** The members of what our Check said, by the names under which it says them. */
export const vouchedMembers: ReadonlyMap<string, Members> = new Map<string, Members>([
  ['decision_id', 'decisionId'],
  ['reason', 'reason'],
  ['rule', 'rule'],
  ['principal_id', 'principalId'],
  ['principal_source', 'principalSource'],
]);

/** What is said by somebody who says nothing. */
export const openVouched = (): { -readonly [M in Members]: Vouched[M] } => ({
  decisionId: undefined,
  reason: undefined,
  rule: undefined,
  principalId: undefined,
  principalSource: undefined,
});

/** What our own Check said, by the dynamic metadata of its filter; undefined where it said nothing. */
export function vouchedOf(fields: FilterFields | undefined): Vouched | undefined {
  if (fields?.get(authzFilter) === undefined) return undefined;
  const vouched = openVouched();
  for (const [name, member] of vouchedMembers) vouched[member] = textOf(fields, authzFilter, name);
  return vouched;
}
