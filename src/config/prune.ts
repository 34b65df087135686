import type { Path } from '../core/build.ts';

/** The value without the members at the paths; what is not on the way to one is shared, nothing is changed. */
export function prune(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
  const below = (name: string | number): readonly Path[] =>
    paths.filter(([first, ...rest]) => first === name && rest.length > 0).map(([, ...rest]) => rest);
  if (Array.isArray(value)) return value.map((item, index) => prune(item, below(index)));
  const gone = new Set(paths.filter(({ length }) => length === 1).map(([name]) => name));
  const kept: Record<string, unknown> = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    if (!gone.has(name)) kept[name] = prune(member, below(name));
  }
  return kept;
}
