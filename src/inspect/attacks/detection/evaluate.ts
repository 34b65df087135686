import type { Item, RequestView } from '../request/view.ts';
import type { Collection } from '../rule.ts';
import type { Compiled, CompiledRule, Detected, Match } from './compiled.ts';
import { type CompiledCondition, satisfies } from './conditions.ts';
import { openMemory } from './memory.ts';
import type { Patterns } from './patterns.ts';
import { type Look, search } from './search.ts';
import { fillTemplate } from './template.ts';

const mostVariables = 10_000;

/** What rules have set and matched so far. */
interface State {
  readonly variables: Map<string, string>;
  readonly matched: Set<string>;
  readonly removed: Set<string>;
  /** Places that a rule no longer looks at, by its id. */
  readonly lost: Map<string, ((look: Look) => boolean)[]>;
}

/** What of a chain has matched so far. */
interface Chain {
  looks: readonly Look[];
  /** Captures of all looks, by group. */
  readonly captures: Map<string, string[]>;
}

const itemOf = (name: string, text: string, place: string): Item => ({ name, place, readings: [text], proven: false });

const lateness = 512;

/** Holds rules against a request. */
export function evaluate(compiled: Compiled, view: RequestView, budgetMs: number): Detected {
  const endMs = performance.now() + budgetMs;
  const memory = openMemory(compiled);
  const { looks: candidates, complete } = search(compiled, view, memory, budgetMs);
  const state: State = { variables: new Map(), matched: new Set(), removed: new Set(), lost: new Map() };
  const matches: Match[] = [];
  let whole = complete;

  const runLate = (condition: CompiledCondition, text: string): boolean => {
    const { decision } = condition;
    if (decision.kind !== 'probe') return false;
    if (decision.pattern !== undefined && text.length <= lateness)
      return compiled.patterns.test(decision.pattern, text);
    const run = compiled.probes.run([text], [{ probe: decision.probe, texts: [0] }], endMs - performance.now());
    if (!run.complete) whole = false;
    return run.hits.length > 0;
  };

  const holds = (
    condition: CompiledCondition,
    text: string,
    resolve: (name: string) => string | undefined,
  ): boolean => {
    const { decision, needs } = condition;
    if (decision.kind === 'test') return decision.test(text, resolve);
    return satisfies(needs, memory.sight(text)) && (decision.kind === 'words' || runLate(condition, text));
  };

  const itemsOf = (collection: Collection, chain: Chain): readonly Item[] => {
    const { looks } = chain;
    switch (collection) {
      case 'tx':
        return [
          ...[...state.variables].map(([name, text]) => itemOf(name, text, looks[0]?.item.place ?? 'tx')),
          ...[...chain.captures].flatMap(([group, texts]) =>
            texts.map((text) => itemOf(group, text, looks[0]?.item.place ?? 'tx')),
          ),
        ];
      case 'matched_var':
      case 'matched_vars':
        return looks.map(({ item, text }) => itemOf(item.name, text, item.place));
      case 'matched_var_name':
      case 'matched_vars_names':
        return looks.map((look) => itemOf(look.item.name, nameOf(look), look.item.place));
      default:
        return view.items(collection);
    }
  };

  const valueIn =
    (chain: Chain) =>
    (name: string): string | undefined => {
      const last = chain.looks.at(-1);
      if (name === 'matched_var') return last?.text;
      if (name === 'matched_var_name') return last === undefined ? undefined : nameOf(last);
      const dot = name.indexOf('.');
      const collection = dot < 0 ? name : name.slice(0, dot);
      const member = dot < 0 ? '' : name.slice(dot + 1);
      if (collection === 'tx') return chain.captures.get(member)?.at(-1) ?? state.variables.get(member);
      return view.items(collection as Collection).find((item) => member === '' || item.name === member)?.readings[0];
    };

  /** Every text that satisfies a condition that no gate has looked at. */
  const lookAt = (condition: CompiledCondition, compiledRule: CompiledRule, chain: Chain): readonly Look[] => {
    const { negated } = condition.condition;
    const found: Look[] = [];
    const resolve = valueIn(chain);
    for (const { collection, select, counted } of condition.sources) {
      const items = itemsOf(collection, chain).filter(
        (item) => (select === undefined || select(item)) && compiledRule.excluded?.(item.place) !== true,
      );
      if (counted) {
        const item = itemOf('', String(items.length), items[0]?.place ?? collection);
        if (holds(condition, item.readings[0] ?? '', resolve) !== negated)
          found.push({ item, text: item.readings[0] ?? '', collection });
        continue;
      }
      for (const item of items) {
        // A second reading is there for what it may hold, not for what it may lack.
        const readings = negated ? item.readings.slice(0, 1) : item.readings;
        for (const reading of readings) {
          const texts = condition.changes.map((change) => memory.change(change, reading));
          const text = texts.find((each) => holds(condition, each, resolve) !== negated);
          if (text === undefined) continue;
          found.push({ item, text, collection });
          break;
        }
      }
    }
    return found;
  };

  const capture = (condition: CompiledCondition, chain: Chain): void => {
    const { decision } = condition;
    chain.captures.clear();
    for (const { text } of chain.looks) {
      const groups =
        decision.kind === 'probe' && decision.pattern !== undefined
          ? compiled.patterns.groups(decision.pattern, text)
          : [text];
      for (const [group, captured] of groups.entries()) {
        const list = chain.captures.get(String(group)) ?? [];
        if (list.length < mostVariables) list.push(captured);
        chain.captures.set(String(group), list);
      }
    }
  };

  const assign = (condition: CompiledCondition, chain: Chain): void => {
    for (const look of chain.looks) {
      const resolve = valueIn({ looks: [look], captures: capturesOf(condition, look, compiled.patterns) });
      for (const { name, value, adds } of condition.condition.sets ?? []) {
        if (state.variables.size >= mostVariables) return;
        const filled = fillTemplate(name, resolve);
        const text = fillTemplate(value, resolve);
        const before = Number(state.variables.get(filled) ?? 0);
        state.variables.set(filled, adds ? String(before + (Number(text) || 0)) : text);
      }
    }
  };

  /** The looks of a rule's first condition, when the whole chain holds. */
  const runChain = (rule: CompiledRule): readonly Look[] | undefined => {
    const chain: Chain = { looks: [], captures: new Map() };
    let first: readonly Look[] | undefined;
    for (const [index, condition] of rule.conditions.entries()) {
      const looks =
        index === 0 && rule.candidate >= 0 ? (candidates[rule.candidate] ?? []) : lookAt(condition, rule, chain);
      const lost = state.lost.get(rule.rule.id);
      chain.looks = lost === undefined ? looks : looks.filter((look) => !lost.some((test) => test(look)));
      if (chain.looks.length === 0) return undefined;
      if (condition.condition.captures) capture(condition, chain);
      if (condition.condition.sets !== undefined) assign(condition, chain);
      first ??= chain.looks;
    }
    return first;
  };

  for (const rule of compiled.rules) {
    if (rule.candidate >= 0 && candidates[rule.candidate] === undefined) continue;
    const { id, unless, silent } = rule.rule;
    if (state.removed.has(id) || unless?.some((other) => state.matched.has(other)) === true) continue;
    if (performance.now() > endMs) return { matches, complete: false };
    const looks = runChain(rule);
    const [look] = looks ?? [];
    if (look === undefined) continue;
    state.matched.add(id);
    remove(rule, state);
    if (silent === true) continue;
    matches.push({
      rule: rule.rule,
      place: look.item.place,
      text: look.text,
      at: positionOf(rule, look, compiled.patterns),
    });
  }
  return { matches, complete: whole };
}

const nameOf = ({ item, collection }: Look): string =>
  item.name === '' ? collection.toUpperCase() : `${collection.toUpperCase()}:${item.name}`;

function remove({ removes }: CompiledRule, state: State): void {
  for (const { rules, target } of removes)
    for (const id of rules) {
      if (target === undefined) state.removed.add(id);
      else {
        const tests = state.lost.get(id) ?? [];
        tests.push(
          ({ item, collection }) =>
            collection === target.collection && (target.select === undefined || target.select(item)),
        );
        state.lost.set(id, tests);
      }
    }
}

function capturesOf(
  { condition, decision }: CompiledCondition,
  { text }: Look,
  patterns: Patterns,
): Map<string, string[]> {
  if (!condition.captures) return new Map();
  const groups =
    decision.kind === 'probe' && decision.pattern !== undefined ? patterns.groups(decision.pattern, text) : [text];
  return new Map(groups.map((captured, group) => [String(group), [captured]]));
}

/** Where the first condition's match is in its text. */
function positionOf({ conditions: [first] }: CompiledRule, { text }: Look, patterns: Patterns): number {
  const decision = first?.decision;
  if (decision?.kind !== 'probe' || decision.pattern === undefined || text.length < 64) return 0;
  return patterns.position(decision.pattern, text);
}
