import type { RequestView } from '../request/view.ts';
import type { Compiled, CompiledRule, Detected } from './compiled.ts';
import type { CompiledCondition } from './conditions.ts';
import { evaluate } from './evaluate.ts';
import type { Exclusions } from './exclusions.ts';
import { groupConditions } from './groups.ts';
import type { RuleSet } from './rule-set.ts';
import { compileSelect } from './select.ts';

/** Rules that are ready to be held against requests. */
export type Detector = (view: RequestView, budgetMs: number) => Detected;

/** A gated condition, and where its rule does not look. */
interface Gated {
  readonly condition: CompiledCondition;
  readonly excluded: CompiledRule['excluded'];
  readonly key: string;
}

/** Puts a set of rules to work, but for what is excluded. */
export function openDetector({ rules, changes, scan, probes, patterns }: RuleSet, exclusions: Exclusions): Detector {
  const gated: Gated[] = [];
  const compiled = rules.flatMap(({ rule, conditions }): readonly CompiledRule[] => {
    const excluded = exclusions.of(rule);
    if (excluded === 'everywhere') return [];
    const [condition] = conditions;
    const { places, key = '' } = excluded ?? {};
    const candidate = condition?.gated === true ? gated.push({ condition, excluded: places, key }) - 1 : -1;
    const removes = (rule.removes ?? []).map(({ rules: ids, target }) => ({
      rules: ids,
      target: target && { collection: target.collection, select: compileSelect(target) },
    }));
    return [{ rule, conditions, candidate, removes, excluded: places }];
  });
  const groups = groupConditions(gated);
  const ready: Compiled = { rules: compiled, groups, candidates: gated.length, changes, scan, probes, patterns };
  return (view, budgetMs) => evaluate(ready, view, budgetMs);
}
