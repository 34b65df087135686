import type { Json } from '../../core/json.ts';
import { below, type Collector } from './collector.ts';

/** One named value of a form. */
interface Pair {
  readonly name: string;
  readonly value: Json;
}

/** Names that poison careless merges upstream, also in the brackets and dots by which some readers nest. */
export function isForbiddenName(name: string): boolean {
  const steps = name.split(/[[\].]+/);
  return steps.some(
    (step, index) => step === '__proto__' || (step === 'constructor' && steps[index + 1] === 'prototype'),
  );
}

/** The pairs as one object: a name that stands once has its value, one that is repeated the list of its values. */
export function objectOf(pairs: readonly Pair[]): Json {
  const lists = new Map<string, Json[]>();
  for (const { name, value } of pairs) {
    const list = lists.get(name);
    if (list === undefined) lists.set(name, [value]);
    else list.push(value);
  }
  const object: Record<string, Json> = Object.create(null);
  for (const [name, list] of lists) object[name] = list.length === 1 ? (list[0] ?? null) : list;
  return object;
}

/** The pointer of each pair in the object that objectOf makes. */
export function pointersOf(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const next = new Map<string, number>();
  return names.map((name) => {
    const pointer = below('', name);
    if (counts.get(name) === 1) return pointer;
    const index = next.get(name) ?? 0;
    next.set(name, index + 1);
    return below(pointer, index);
  });
}

/** Collects the texts of a form whose values are all texts; false: more than the bound. */
export function collectPairs(
  pairs: readonly { readonly name: string; readonly value: string }[],
  into: Collector,
): boolean {
  const pointers = pointersOf(pairs.map(({ name }) => name));
  for (const [index, { name, value }] of pairs.entries()) {
    const pointer = pointers[index] ?? '';
    if (!into.add('name', pointer, name) || !into.add('value', pointer, value)) return false;
  }
  return true;
}
