import { queryParameters } from '../../../core/query.ts';

/** A query, read once for all parameters of an operation. */
export interface QueryReading {
  /** By their decoded names, the texts in their order. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Names under which a delimiter stands both plain and percent-encoded: readers differ on which of them divides. */
  readonly mixed: ReadonlySet<string>;
}

/** Whether a delimiter stands both plain and percent-encoded in a text as it was sent. */
export const mixes = (raw: string): boolean =>
  (raw.includes(',') && /%2c/i.test(raw)) || (raw.includes('|') && /%7c/i.test(raw));

/** Reads a query; a word for why it cannot be read in one way only: a raw semicolon, an escape that is not UTF-8. */
export function readQuery(query: string): QueryReading | 'ambiguous' | 'encoding' {
  const values = new Map<string, string[]>();
  const mixed = new Set<string>();
  // Some readers begin a parameter at a semicolon too, where nothing here would check it.
  if (query.includes(';')) return 'ambiguous';
  for (const { rawValue, name, value } of queryParameters(query)) {
    if (name === undefined || value === undefined) return 'encoding';
    const texts = values.get(name);
    if (texts === undefined) values.set(name, [value]);
    else texts.push(value);
    if (mixes(rawValue)) mixed.add(name);
  }
  return { values, mixed };
}
