import { collect, excessive, malformed } from './collector.ts';
import type { ReadFormat } from './content.ts';
import { decodeUtf8 } from './decode.ts';

/** Text in UTF-8: one field. */
export const readText: ReadFormat = (bytes, limits) => {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed('utf8');
  const into = collect(limits);
  if (text !== '' && !into.add('value', '', text)) return excessive('too_many_fields');
  return { ok: true, content: { format: 'text', value: text, fields: into.fields } };
};
