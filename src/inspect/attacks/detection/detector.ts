import type { RequestView } from '../request/view.ts';
import type { Compiled, CompiledRule, Detected } from './compiled.ts';
import { evaluate } from './evaluate.ts';
import type { Exclusions } from './exclusions.ts';
import type { RuleSet } from './rule-set.ts';
import { compileSelect } from './select.ts';
import { type Member, openWalks } from './walks.ts';

/** Rules that are ready to be held against requests. */
export type Detector = (view: RequestView, budgetMs: number) => Detected;

/** Puts a set of rules to work, but for what is excluded. */
export function openDetector({ rules, changes, scan, probes, patterns }: RuleSet, exclusions: Exclusions): Detector {
  const members: Member[] = [];
  const compiled = rules.flatMap(({ rule, conditions }): readonly CompiledRule[] => {
    const excluded = exclusions.of(rule);
    if (excluded === 'everywhere') return [];
    const [condition] = conditions;
    const candidate = condition?.gated === true ? members.length : -1;
    if (condition?.gated === true) {
      const sources = Map.groupBy(condition.sources, ({ collection }) => collection);
      members.push({ condition, candidate, sources, excluded });
    }
    const removes = (rule.removes ?? []).map(({ rules: ids, target }) => ({
      rules: new Set(ids),
      target: target && { collection: target.collection, select: compileSelect(target) },
    }));
    return [{ rule, conditions, candidate, removes, excluded }];
  });
  const ready: Compiled = {
    rules: compiled,
    walks: openWalks(members),
    candidates: members.length,
    changes,
    scan,
    probes,
    patterns,
  };
  return (view, budgetMs) => evaluate(ready, view, budgetMs);
}
