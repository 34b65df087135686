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

/** A number as its shortest decimal: digits times ten to the exponent. */
function decimalOf(value: number): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = '', power = '0'] = value.toString().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

// More digits than a double's shortest decimal has, and more factors 2 or 5 than its digits can hold.
const enough = 80;

/** Whether a number is a multiple in decimal, as it is written: 0.07 is one of 0.01, though the doubles' quotient is no integer. */
function isMultiple(value: number, of: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(of)) return value % of === 0;
  const [a, b] = [decimalOf(value), decimalOf(of)];
  const shift = Math.max(-enough, Math.min(enough, a.exponent - b.exponent));
  const scale = 10n ** BigInt(Math.abs(shift));
  return shift < 0 ? a.digits % (b.digits * scale) === 0n : (a.digits * scale) % b.digits === 0n;
}

/**
 * The keywords of JSON Schema that compare values, our way. ajv's own calls methods of Object.prototype that strict JSON
 * does not have, trusts members named constructor or valueOf, takes quadratic time for uniqueItems, and divides doubles
 * for multipleOf.
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
  {
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    errors: false,
    compile: (of: number) => (value: number) => isMultiple(value, of),
  },
] satisfies FuncKeywordDefinition[]);
