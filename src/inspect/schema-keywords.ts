import type { FuncKeywordDefinition } from 'ajv';

/** JSON text that is the same for equal values: members in one order, -0 as 0. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}

const isOneOf = (values: readonly unknown[]): ((data: unknown) => boolean) => {
  const known = new Set(values.map(canonical));
  return (data) => known.has(canonical(data));
};

/**
 * The keywords of JSON Schema that compare values, our way: ajv's own comparison calls methods of Object.prototype that
 * strict JSON does not have, trusts a member named constructor or valueOf, and takes quadratic time for uniqueItems.
 */
export const comparingKeywords: readonly FuncKeywordDefinition[] = Object.freeze([
  { keyword: 'const', errors: false, compile: (value: unknown) => isOneOf([value]) },
  { keyword: 'enum', schemaType: 'array', errors: false, compile: isOneOf },
  {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    compile: (demanded: boolean) => (items: readonly unknown[]) =>
      !demanded || new Set(items.map(canonical)).size === items.length,
  },
] satisfies FuncKeywordDefinition[]);
