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

/** What our own Check said, by the dynamic metadata of its filter; undefined where it said nothing. */
export function vouchedOf(fields: FilterFields | undefined): Vouched | undefined {
  if (fields?.get(authzFilter) === undefined) return undefined;
  return vouchedBy((name) => textOf(fields, authzFilter, name));
}

/** The same by what it told, name by name. */
export function vouchedBy(told: (name: string) => string | undefined): Vouched {
  return {
    decisionId: told('decision_id'),
    reason: told('reason'),
    rule: told('rule'),
    principalId: told('principal_id'),
    principalSource: told('principal_source'),
  };
}
