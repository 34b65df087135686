import { isObject } from '../../core/json.ts';
import type { RuleSet } from './detection/rule-set.ts';
import { prepareRuleSet } from './known-sets.ts';
import { mergeProtect, type ProtectOptions } from './options.ts';
import { rulesAhead } from './policy.ts';
import type { CrsReading } from './seclang/known-crs.ts';

/** A search for attacks, as some rule of a config asks for it. */
export type Wanted = Pick<ProtectOptions, 'crs'> & { readonly preset: 'balanced' | 'strict' | 'monitor' };

/** What is searched with by rules of a config whose shape may be bad; the same only once. */
export function wantedSearches(general: unknown, rules: readonly unknown[]): readonly Wanted[] {
  // Its members were held against the schema, or left out.
  const [shared, ...own] = [general, ...rules.map((rule) => (isObject(rule) ? rule['protect'] : undefined))].map(
    (options) => (isObject(options) ? (options as ProtectOptions) : undefined),
  );
  const found = new Map<string, Wanted>();
  for (const options of own) {
    const { preset = 'balanced', crs } = mergeProtect(shared, options) ?? { preset: 'off' };
    if (preset === 'off') continue;
    found.set(JSON.stringify([preset, crs?.dir, crs?.paranoia]), { preset, crs });
  }
  return [...found.values()];
}

/** Compiles the rules of a search a step at a time. Whoever holds what is given finds them compiled. Rejects when the signal ends it. */
export const prepareSearch = (
  { preset, crs }: Wanted,
  reading: CrsReading | undefined,
  signal: AbortSignal,
): Promise<RuleSet> => prepareRuleSet(rulesAhead(preset, crs && reading && { options: crs, reading }), signal);
