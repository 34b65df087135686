import type { Json } from '../../core/json.ts';
import { parseStrictJson, type StrictJsonProblem } from '../../core/strict-json.ts';
import { below, type Collector, collect, excessive, malformed } from './collector.ts';
import type { ContentLimits, ReadFormat, Unreadable } from './content.ts';

const bounds: ReadonlySet<StrictJsonProblem> = new Set(['too_large', 'depth', 'too_many_members', 'too_many_values']);

/** Every name and every string of a value, the value's depth being bounded already; false: more than the bound. */
export function collectJson(value: Json, pointer: string, into: Collector): boolean {
  if (typeof value === 'string') return into.add('value', pointer, value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (!collectJson(item, below(pointer, index), into)) return false;
    }
    return true;
  }
  for (const [name, member] of Object.entries(value)) {
    const place = below(pointer, name);
    if (!into.add('name', place, name) || !collectJson(member, place, into)) return false;
  }
  return true;
}

/** The most values in one body, as core/strict-json.ts counts them: what a thread has memory for. */
export const maxValues = 2_000_000;

/** Strict JSON as a value, with how many values it holds, or why it is none; room: how many it may hold. */
export function parseJson(
  bytes: Uint8Array,
  { maxBytes, maxDepth, roughNumbers = false }: Pick<ContentLimits, 'maxBytes' | 'maxDepth' | 'roughNumbers'>,
  room = maxValues,
): { readonly ok: true; readonly value: Json; readonly values: number } | Unreadable {
  const parsed = parseStrictJson(bytes, { maxBytes, maxDepth, roughNumbers, maxValues: room });
  if (parsed.ok) return parsed;
  const refuse = bounds.has(parsed.problem) ? excessive : malformed;
  return refuse(parsed.problem, parsed.pointer);
}

/** JSON that every reader reads alike (core/strict-json.ts). */
export const readJson: ReadFormat = (bytes, limits) => {
  const parsed = parseJson(bytes, limits);
  if (!parsed.ok) return parsed;
  const into = collect(limits);
  if (!collectJson(parsed.value, '', into)) return excessive('too_many_fields');
  return { ok: true, content: { format: 'json', value: parsed.value, fields: into.fields } };
};
