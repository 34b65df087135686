import type { Path, SourceFile } from '../../core/build.ts';
import { isObject, own } from '../../core/json.ts';

/** A mapping of a YAML document. */
export type Mapping = Readonly<Record<string, unknown>>;

/** The keys that a mapping may have: built, or known to the grammar and not built yet. */
interface Keys {
  readonly built: readonly string[];
  readonly later: readonly string[];
}

// The grammar of envoyproxy/ratelimit, mapping by mapping.
const grammar = {
  file: { built: ['domain', 'descriptors'], later: [] },
  descriptor: {
    built: ['key', 'value', 'rate_limit', 'descriptors'],
    later: ['shadow_mode', 'quota_mode', 'detailed_metric', 'value_to_metric', 'share_threshold', 'metadata'],
  },
  rate_limit: { built: ['unit', 'requests_per_unit', 'unlimited', 'name'], later: ['replaces'] },
} as const satisfies Record<string, Keys>;

/** A value as a mapping with known keys; issues for all that is not. Undefined when it is no mapping. */
export function readMapping(
  value: unknown,
  what: keyof typeof grammar,
  path: Path,
  file: SourceFile,
): Mapping | undefined {
  if (!isObject(value)) {
    file.issue(path, `${what} must be a mapping`);
    return undefined;
  }
  const { built, later }: Keys = grammar[what];
  for (const key of Object.keys(value)) {
    if (later.includes(key)) file.issue([...path, key], `"${key}" is not supported yet`);
    else if (!built.includes(key)) file.issue([...path, key], `unknown key "${key}"; known: ${built.join(', ')}`);
  }
  return value;
}

/** A member of a mapping, null as absent. */
export const member = (mapping: Mapping, key: string): unknown => own(mapping, key) ?? undefined;

/** A member as text: a string, or a whole number or boolean as YAML wrote it. Undefined, with an issue, for all else. */
export function readText(mapping: Mapping, key: string, path: Path, file: SourceFile): string | undefined {
  const value = member(mapping, key);
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Number.isSafeInteger(value) || typeof value === 'boolean') return String(value);
  file.issue([...path, key], `${key} must be a string`);
  return undefined;
}
