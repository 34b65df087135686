import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.ts';
import type { RecordTable } from '../../core/state.ts';
import { parseStrictJson } from '../../core/strict-json.ts';
import { type KeyEntry, type KeyRecord, readEntry } from './entry.ts';
import { parseKeyHash } from './format.ts';
import type { KeyWords } from './mint.ts';

/** What a store says of a hash. stale: the store is away, and this is what it said last. */
export type Lookup =
  | { readonly kind: 'found'; readonly record: KeyRecord; readonly stale?: true }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly problem: 'store' | 'record' };

/** What the shared keys stand on. */
interface SharedKeysParts {
  readonly table: RecordTable;
  readonly clock: Clock;
  /** For how long the last answer counts while the store is away, in milliseconds beyond its freshness. */
  readonly staleMs: number;
}

interface Known {
  readonly record: KeyRecord;
  /** When it was asked for: from then on a change may have been missed. */
  readonly askedMs: number;
}

/** A change counts everywhere within a second, the way of the answer included. */
const freshMs = 800;
/** Apart, so that keys that somebody makes up cannot push out the ones that are known. */
const [maxKnown, maxUnknown] = [10_000, 10_000];

/** The name of a key's record in the shared table. */
export const recordName = (hash: Uint8Array): string => Buffer.from(hash).toString('base64url');

/** The name of the record that an entry in words has; undefined where its hash is none. */
export function recordNameOf({ hash }: Pick<KeyWords, 'hash'>): string | undefined {
  const bytes = parseKeyHash(hash);
  return bytes && recordName(bytes);
}

/** The name of the table that holds the keys of an identity. */
export const keyTableName = (identity: string): string => `api-keys/${identity}`;

/** Reads a record of the shared table: a line as keys files have it; undefined when it is none, or is another key's. */
export function readRecord(name: string, text: string): KeyEntry | undefined {
  const parsed = parseStrictJson(Buffer.from(text));
  let sound = parsed.ok;
  const entry = parsed.ok
    ? readEntry(parsed.value, () => {
        sound = false;
      })
    : undefined;
  return sound && entry !== undefined && recordName(entry.hash) === name ? entry : undefined;
}

/**
 * Keys in the table that replicas share. Known keys and unknown ones are remembered for less than a second, in bounded
 * number; callers with the same key wait for one answer. Never rejects.
 */
export function openSharedKeys({ table, clock, staleMs }: SharedKeysParts): (hash: Uint8Array) => Promise<Lookup> {
  const known = new LRUCache<string, Known>({ max: maxKnown });
  const unknown = new LRUCache<string, number>({ max: maxUnknown });
  const flights = new Map<string, Promise<Lookup>>();

  const keep = (name: string, text: string | undefined, askedMs: number): Lookup => {
    if (text === undefined) {
      known.delete(name);
      unknown.set(name, askedMs);
      return { kind: 'unknown' };
    }
    const entry = readRecord(name, text);
    if (entry === undefined) return { kind: 'unavailable', problem: 'record' };
    unknown.delete(name);
    known.set(name, { record: entry.record, askedMs });
    return { kind: 'found', record: entry.record };
  };
  const recall = (name: string): Lookup => {
    const last = known.get(name);
    return last !== undefined && clock.monotonicMs() < last.askedMs + freshMs + staleMs
      ? { kind: 'found', record: last.record, stale: true }
      : { kind: 'unavailable', problem: 'store' };
  };
  const ask = (name: string): Promise<Lookup> => {
    const askedMs = clock.monotonicMs();
    return table
      .get(name)
      .then(
        (text) => keep(name, text, askedMs),
        () => recall(name),
      )
      .finally(() => flights.delete(name));
  };

  return async (hash) => {
    const name = recordName(hash);
    const now = clock.monotonicMs();
    const hit = known.get(name);
    if (hit !== undefined && now < hit.askedMs + freshMs) return { kind: 'found', record: hit.record };
    if (now < (unknown.get(name) ?? Number.NEGATIVE_INFINITY) + freshMs) return { kind: 'unknown' };
    const flight = flights.get(name) ?? ask(name);
    flights.set(name, flight);
    return flight;
  };
}
