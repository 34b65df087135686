import { parsePrefix } from '../../../core/address.ts';
import { isObject, own } from '../../../core/json.ts';
import type { DocumentFormat } from './format.ts';
import { linesOf } from './lines.ts';

/** Spamhaus DROP: a JSON object a line, the last of which says how many came before it. */
export const spamhaus: DocumentFormat = {
  kind: 'document',
  refresh: '12h',
  read: (bytes, entries) => {
    let came = 0;
    let records: unknown;
    for (const line of linesOf(bytes)) {
      if (line.trim() === '') continue;
      const record = objectOf(line);
      if (record !== undefined && own(record, 'type') === 'metadata') {
        records = own(record, 'records');
        continue;
      }
      came += 1;
      const cidr = record === undefined ? undefined : own(record, 'cidr');
      entries.add(typeof cidr === 'string' ? parsePrefix(cidr) : undefined);
    }
    if (records === undefined) return 'there is no metadata line, so the end is missing';
    return records === came ? undefined : `${came} records came, and the metadata line says otherwise`;
  },
};

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
