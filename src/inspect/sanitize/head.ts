import type { HeaderMutation } from '../../core/decision.ts';
import type { HeadMutation, MessageHead } from '../../core/processing.ts';
import type { Cleanse } from './cleansing.ts';
import { codecs } from './codec.ts';

/** One compiled entry for query parameters or headers. */
export interface NamedEntry {
  readonly takes: (name: string) => boolean;
  readonly cleanse: Cleanse;
}

/** The query with its values made harmless, every other byte as it came. */
function cleanQuery(query: string, entries: readonly NamedEntry[]): string {
  return query
    .split('&')
    .map((piece) => {
      const equals = piece.indexOf('=');
      const name = codecs.form.decode(equals < 0 ? piece : piece.slice(0, equals));
      const entry = name === undefined ? undefined : entries.find(({ takes }) => takes(name));
      if (entry === undefined || equals < 0) return piece;
      return piece.slice(0, equals + 1) + entry.cleanse(piece.slice(equals + 1), codecs.form);
    })
    .join('&');
}

function cleanHeaders({ headers }: MessageHead, entries: readonly NamedEntry[]): HeadMutation {
  const set: HeaderMutation[] = [];
  const remove: string[] = [];
  for (const [name, values] of headers) {
    const entry = entries.find(({ takes }) => takes(name));
    if (entry === undefined) continue;
    const clean = values.map((value) => {
      const written = Buffer.from(value, 'utf8').toString('latin1');
      return Buffer.from(entry.cleanse(written, codecs.plain), 'latin1').toString('utf8');
    });
    if (clean.every((value, index) => value === values[index])) continue;
    const [only, ...others] = clean;
    // One of several values cannot be replaced alone.
    if (only === undefined || others.length > 0) remove.push(name);
    else set.push({ name, value: only });
  }
  return { set, remove };
}

/** Compiles what is done to the head of a request; path: as it came, with its query. */
export function headCleansing(
  query: readonly NamedEntry[],
  headers: readonly NamedEntry[],
): (head: MessageHead, path: string) => HeadMutation {
  return (head, path) => {
    const mutation = headers.length === 0 ? { set: [], remove: [] } : cleanHeaders(head, headers);
    const mark = path.indexOf('?');
    if (mark < 0 || query.length === 0) return mutation;
    const clean = path.slice(0, mark + 1) + cleanQuery(path.slice(mark + 1), query);
    return clean === path ? mutation : { ...mutation, path: clean };
  };
}
