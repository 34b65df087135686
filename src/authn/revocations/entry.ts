import { isObject, type JsonObject, own } from '../../core/json.ts';
import type { Revocation } from '../../core/revocation.ts';
import { parseStrictJson } from '../../core/strict-json.ts';

/** The encoding of entries; a reader passes over those of another one. */
const encoding = 1;
const maxBytes = 16 * 1024;
const kinds = Object.freeze({ credential: true, session: true, principal: true } as const satisfies Record<
  Revocation['kind'],
  true
>);
const isKind = (kind: unknown): kind is Revocation['kind'] => typeof kind === 'string' && Object.hasOwn(kinds, kind);

/** A revocation as an entry of the log. */
export const encodeRevocation = ({ kind, source, value, beforeMs, untilMs }: Revocation): string =>
  JSON.stringify({ v: encoding, kind, source, value, before: beforeMs ?? null, until: untilMs ?? null });

/** The revocation of an entry; undefined when it is none that we understand. Members that we do not know are passed over. */
export function decodeRevocation(entry: string): Revocation | undefined {
  const parsed = parseStrictJson(new TextEncoder().encode(entry), { maxBytes, maxDepth: 4 });
  if (!parsed.ok || !isObject(parsed.value)) return undefined;
  const members: JsonObject = parsed.value;
  const [kind, source, value] = [own(members, 'kind'), own(members, 'source'), own(members, 'value')];
  const [before, until] = [readTime(members, 'before'), readTime(members, 'until')];
  if (own(members, 'v') !== encoding || !isKind(kind) || !isText(source) || !isText(value)) return undefined;
  if (before === undefined || until === undefined) return undefined;
  return { kind, source, value, beforeMs: before ?? undefined, untilMs: until ?? undefined };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Milliseconds since the epoch, or null; undefined when it is neither. */
function readTime(members: JsonObject, name: string): number | null | undefined {
  const value = own(members, name);
  return value === null || typeof value === 'number' ? value : undefined;
}
