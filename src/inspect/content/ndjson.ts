import type { Json } from '../../core/json.ts';
import { collect, excessive, malformed } from './collector.ts';
import type { ReadFormat } from './content.ts';
import { collectJson, maxValues, parseJson } from './json.ts';

const lineFeed = 0x0a;

/** JSON values, one a line and each read strictly; the last line may end in a line feed, and no line is empty. */
export const readNdjson: ReadFormat = (bytes, limits) => {
  const values: Json[] = [];
  const into = collect(limits);
  let room = maxValues;
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found < 0 ? bytes.length : found;
    const line = `/${values.length}`;
    if (values.length >= limits.maxFields) return excessive('too_many_lines', line);
    const parsed = parseJson(bytes.subarray(start, end), limits, room);
    if (!parsed.ok) return { ...parsed, pointer: `${line}${parsed.pointer}`.slice(0, 256) };
    room -= parsed.values;
    values.push(parsed.value);
    if (!collectJson(parsed.value, line, into)) return excessive('too_many_fields', line);
    start = end + 1;
  }
  if (values.length === 0) return malformed('empty');
  return { ok: true, content: { format: 'ndjson', value: values, fields: into.fields } };
};
