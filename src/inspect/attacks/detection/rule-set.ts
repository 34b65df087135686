import type { CompiledProbes, Probe, RuleEngine } from '../engine.ts';
import { type Automaton, compileAutomaton } from '../gate/automaton.ts';
import { type Scan, scanSteps } from '../gate/scanner.ts';
import { allSteps } from '../gate/steps.ts';
import { openStore } from '../gate/store.ts';
import type { AttackRule, Operator } from '../rule.ts';
import { type Changes, openChanges } from './changes.ts';
import { type CompiledCondition, compileCondition, type Shared } from './conditions.ts';
import { openPatterns, type Patterns } from './patterns.ts';

/** Rules and all that is costly to make of them; whoever looks with them in one way or another shares it. */
export interface RuleSet {
  /** In their order. */
  readonly rules: readonly { readonly rule: AttackRule; readonly conditions: readonly CompiledCondition[] }[];
  readonly changes: Changes;
  readonly scan: Scan;
  readonly probes: CompiledProbes;
  readonly patterns: Patterns;
  /** Why a rule cannot be looked with, by its id: none is left out in silence. */
  readonly problems: ReadonlyMap<string, string>;
}

// What the first looks of all rules keep of the states that they have met, on each thread.
const mostStateBytes = 32 * 1024 * 1024;

const keyOf = (operator: Operator): string => (operator.kind === 'rx' ? `rx ${operator.pattern}` : operator.kind);

/** Collects what conditions share while they are compiled. */
function openShared(): Shared & { readonly lists: (readonly string[])[]; readonly probes: Probe[] } {
  const lists: (readonly string[])[] = [];
  const listIndexes = new Map<string, number>();
  const probes: Probe[] = [];
  const probeIndexes = new Map<string, number>();
  const automata = new Map<string, Automaton>();
  const store = openStore(mostStateBytes);
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
    automaton: (pattern) => {
      const automaton = automata.get(pattern) ?? compileAutomaton(pattern, store);
      automata.set(pattern, automaton);
      return automaton;
    },
  };
}

/** Ids of rules that lose places while a request is looked at. */
const losingRules = (rules: readonly AttackRule[]): ReadonlySet<string> =>
  new Set(
    rules.flatMap(({ removes = [] }) => removes.flatMap(({ rules: ids, target }) => (target === undefined ? [] : ids))),
  );

/** Compiles rules for an engine, in steps of some milliseconds between which others may have their turn. */
export function* ruleSetSteps(rules: readonly AttackRule[], engine: RuleEngine): Generator<void, RuleSet> {
  const shared = openShared();
  const losing = losingRules(rules);
  const compiled: RuleSet['rules'][number][] = [];
  for (const rule of rules) {
    const all = rule.conditions.length > 1 || losing.has(rule.id) || (rule.conditions[0].sets?.length ?? 0) > 0;
    const conditions = rule.conditions.map((condition) =>
      compileCondition(condition, all || condition.negated, shared),
    );
    compiled.push({ rule, conditions });
    yield;
  }
  const { compiled: probes, problems: byProbe } = yield* engine.compileSteps(shared.probes);
  const problems = new Map<string, string>();
  for (const { rule, conditions } of compiled)
    for (const { decision } of conditions) {
      const problem = decision.kind === 'probe' ? byProbe.get(decision.probe) : undefined;
      if (problem !== undefined) problems.set(rule.id, problem);
    }
  const { changes, lists } = shared;
  const scan = yield* scanSteps(lists);
  return { rules: compiled, changes, scan, probes, patterns: openPatterns(), problems };
}

/** Compiles rules for an engine. */
export const compileRuleSet = (rules: readonly AttackRule[], engine: RuleEngine): RuleSet =>
  allSteps(ruleSetSteps(rules, engine));
