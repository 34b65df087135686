import { queryParameters } from '../../core/query.ts';
import { collect, excessive, malformed } from './collector.ts';
import type { ReadFormat } from './content.ts';
import { decodeUtf8 } from './decode.ts';
import { collectPairs, isForbiddenName, objectOf } from './pairs.ts';

const control = /\p{Cc}/u;

/**
 * application/x-www-form-urlencoded (WHATWG URL section 5.1), read strictly: pairs are split at "&" only, each half is
 * percent-decoded once and is UTF-8, repeated names stay. A raw semicolon is refused, for some readers begin a pair there.
 */
export const readForm: ReadFormat = (bytes, limits) => {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed('utf8');
  if (text.startsWith('\ufeff')) return malformed('bom');
  if (control.test(text)) return malformed('control');
  if (text.includes(';')) return malformed('ambiguous');
  let ampersands = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) ampersands += 1;
  if (ampersands >= limits.maxFields) return excessive('too_many_fields');
  const pairs: { readonly name: string; readonly value: string }[] = [];
  for (const { name, value } of queryParameters(text)) {
    if (name === undefined || value === undefined) return malformed('encoding');
    if (isForbiddenName(name)) return malformed('forbidden_member');
    pairs.push({ name, value });
  }
  const into = collect(limits);
  if (!collectPairs(pairs, into)) return excessive('too_many_fields');
  return { ok: true, content: { format: 'form', value: objectOf(pairs), fields: into.fields } };
};
