import type { Probe, RuleEngine } from '../engine.ts';
import { compileScan } from '../gate/scanner.ts';
import type { RequestView } from '../request/view.ts';
import type { AttackRule, Operator } from '../rule.ts';
import { openChanges } from './changes.ts';
import type { Compiled, CompiledRule, Detected } from './compiled.ts';
import { type CompiledCondition, compileCondition, type Shared } from './conditions.ts';
import { evaluate } from './evaluate.ts';
import type { Exclusions } from './exclusions.ts';
import { groupConditions } from './groups.ts';
import { openPatterns } from './patterns.ts';
import { compileSelect } from './select.ts';

/** Rules that are ready to be held against requests; each thread has its own. */
export interface Detector {
  detect(view: RequestView, budgetMs: number): Detected;
  close(): void;
}

/** A set of rules, compiled; problems name the rules that cannot be: none is left out in silence. */
interface CompiledDetector {
  readonly detector: Detector;
  readonly problems: ReadonlyMap<string, string>;
}

const keyOf = (operator: Operator): string => (operator.kind === 'rx' ? `rx ${operator.pattern}` : operator.kind);

/** Collects what conditions share while they are compiled. */
function openShared(): Shared & { readonly lists: (readonly string[])[]; readonly probes: Probe[] } {
  const lists: (readonly string[])[] = [];
  const listIndexes = new Map<string, number>();
  const probes: Probe[] = [];
  const probeIndexes = new Map<string, number>();
  return {
    changes: openChanges(),
    lists,
    probes,
    list: (words) => {
      const key = words.toSorted().join('\n');
      const index = listIndexes.get(key) ?? lists.push(words) - 1;
      listIndexes.set(key, index);
      return index;
    },
    probe: (operator, all) => {
      const key = keyOf(operator);
      const index = probeIndexes.get(key) ?? probes.push({ operator, all }) - 1;
      probeIndexes.set(key, index);
      const known = probes[index];
      if (all && known !== undefined && !known.all) probes[index] = { ...known, all };
      return index;
    },
  };
}

/** Ids of rules that lose places while a request is looked at. */
const targetsOfRemovals = (rules: readonly AttackRule[]): ReadonlySet<string> =>
  new Set(
    rules.flatMap(({ removes = [] }) => removes.flatMap(({ rules: ids, target }) => (target === undefined ? [] : ids))),
  );

/** Compiles rules, in their order, for an engine. */
export function compileDetector(
  rules: readonly AttackRule[],
  exclusions: Exclusions,
  engine: RuleEngine,
): CompiledDetector {
  const shared = openShared();
  const losing = targetsOfRemovals(rules);
  const gated: {
    readonly condition: CompiledCondition;
    readonly excluded: CompiledRule['excluded'];
    readonly key: string;
  }[] = [];
  const compiled = rules.flatMap((rule): readonly CompiledRule[] => {
    const excluded = exclusions.of(rule);
    if (excluded === 'everywhere') return [];
    const all = rule.conditions.length > 1 || losing.has(rule.id) || (rule.conditions[0].sets?.length ?? 0) > 0;
    const conditions = rule.conditions.map((condition) =>
      compileCondition(condition, all || condition.negated, shared),
    );
    const [first] = conditions;
    const isGated = first?.gated === true;
    const candidate =
      isGated && first !== undefined
        ? gated.push({ condition: first, excluded: excluded?.places, key: excluded?.key ?? '' }) - 1
        : -1;
    const removes = (rule.removes ?? []).map(({ rules: ids, target }) => ({
      rules: ids,
      target: target === undefined ? undefined : { collection: target.collection, select: compileSelect(target) },
    }));
    return [{ rule, conditions, candidate, removes, excluded: excluded?.places }];
  });
  const { compiled: probes, problems: byProbe } = engine.compile(shared.probes);
  const everything: Compiled = {
    rules: compiled,
    groups: groupConditions(gated),
    candidates: gated.length,
    changes: shared.changes,
    scan: compileScan(shared.lists),
    probes,
    patterns: openPatterns(),
  };
  const problems = new Map<string, string>();
  for (const { rule, conditions } of compiled)
    for (const { decision } of conditions) {
      const problem = decision.kind === 'probe' ? byProbe.get(decision.probe) : undefined;
      if (problem !== undefined) problems.set(rule.id, problem);
    }
  return {
    detector: {
      detect: (view, budgetMs) => evaluate(everything, view, budgetMs),
      close: () => probes.close(),
    },
    problems,
  };
}
