import type { Item, RequestView } from '../request/view.ts';
import type { Compiled, CompiledRule, Detected, Match } from './compiled.ts';
import { type CompiledCondition, type Source, satisfies } from './conditions.ts';
import { type Memory, openMemory } from './memory.ts';
import type { Patterns } from './patterns.ts';
import { type Look, search } from './search.ts';
import { type Chain, capturesOf, noCaptures, openState, ownItem, type State } from './state.ts';
import type { Resolve } from './template.ts';

// Where a match is matters to those who read of it: no more is looked at for that.
const longestTold = 4096;

/** One request while it is held against rules. */
interface Call {
  readonly compiled: Compiled;
  readonly memory: Memory;
  readonly state: State;
  readonly endMs: number;
  /** A condition could not be decided in time. */
  undecided: boolean;
}

function runAlone(call: Call, { decision }: CompiledCondition, text: string): boolean {
  if (decision.kind !== 'probe') return false;
  const word = decision.look(text, call.memory.allowance);
  if (word !== 'perhaps') return word === 'yes';
  const { compiled, endMs } = call;
  const looks = [{ probe: decision.probe, texts: [0] }];
  const { hits, complete } = compiled.probes.run([text], looks, endMs - performance.now());
  call.undecided ||= !complete;
  return hits.length > 0;
}

function holds(call: Call, condition: CompiledCondition, text: string, resolve: Resolve): boolean {
  const { decision, needs } = condition;
  if (decision.kind === 'test') return decision.test(text, resolve);
  if (!satisfies(needs, call.memory.sight(text))) return false;
  return decision.kind === 'words' || runAlone(call, condition, text);
}

/** The first reading of an item that satisfies a condition. */
function satisfying(call: Call, condition: CompiledCondition, item: Item, resolve: Resolve): string | undefined {
  const { negated } = condition.condition;
  for (const reading of item.readings) {
    for (const change of condition.changes) {
      const text = call.memory.change(change, reading);
      if (holds(call, condition, text, resolve) !== negated) return text;
    }
    // A second reading is there for what it may hold, not for what it may lack.
    if (negated) break;
  }
  return undefined;
}

/** Adds every text of one target that satisfies a condition which the search has not looked at. */
function lookAt(
  call: Call,
  condition: CompiledCondition,
  source: Source,
  rule: CompiledRule,
  chain: Chain,
  looks: Look[],
): void {
  const { collection, select, counted } = source;
  const items = call.state.items(collection, chain);
  if (items.length === 0 && !counted) return;
  const resolve: Resolve = (macro) => call.state.resolve(macro, chain);
  const isOf = (item: Item): boolean => (select === undefined || select(item)) && rule.excluded?.(item.place) !== true;
  const look = (item: Item): void => {
    const text = satisfying(call, condition, item, resolve);
    if (text !== undefined) looks.push({ item, text, collection });
  };
  if (counted) {
    const own = items.filter((item) => item.together !== true && isOf(item));
    look(ownItem('', String(own.length), own[0]?.place ?? collection));
  } else for (const item of items) if (isOf(item)) look(item);
}

function looksOf(call: Call, condition: CompiledCondition, rule: CompiledRule, chain: Chain): readonly Look[] {
  const looks: Look[] = [];
  for (const source of condition.sources) lookAt(call, condition, source, rule, chain, looks);
  return looks;
}

/** What the first condition of a rule has found, when all of its conditions hold. found: what the search has found of it. */
function runRule(call: Call, rule: CompiledRule, found: readonly Look[] | undefined): Look | undefined {
  const { compiled, state } = call;
  const chain: Chain = { looks: [], captures: noCaptures };
  let first: Look | undefined;
  let looks = found;
  for (const condition of rule.conditions) {
    chain.looks = state.left(rule.rule, looks ?? looksOf(call, condition, rule, chain));
    looks = undefined;
    if (chain.looks.length === 0) return undefined;
    if (condition.condition.captures) chain.captures = capturesOf(condition, chain.looks, compiled.patterns);
    state.assign(condition, chain);
    first ??= chain.looks[0];
  }
  return first;
}

/** Where the first condition's match is in its text. */
function positionOf({ conditions: [first] }: CompiledRule, { text }: Look, patterns: Patterns): number {
  const decision = first?.decision;
  if (decision?.kind !== 'probe' || decision.pattern === undefined || text.length <= 64) return 0;
  return patterns.position(decision.pattern, text.slice(0, longestTold));
}

/** Holds rules against a request, in their order. */
export function evaluate(compiled: Compiled, view: RequestView, budgetMs: number): Detected {
  const endMs = performance.now() + budgetMs;
  const memory = openMemory(compiled);
  const { looks, complete } = search(compiled, view, memory, endMs);
  const call: Call = { compiled, memory, state: openState(view, compiled.patterns), endMs, undecided: !complete };
  const matches: Match[] = [];
  for (const rule of compiled.rules) {
    const { candidate } = rule;
    const found = candidate < 0 ? undefined : looks[candidate];
    if ((candidate >= 0 && found === undefined) || !call.state.wants(rule.rule)) continue;
    if (performance.now() > endMs) return { matches, complete: false };
    const look = runRule(call, rule, found);
    if (look === undefined) continue;
    call.state.matched(rule);
    if (rule.rule.silent === true) continue;
    const { item, text } = look;
    matches.push({ rule: rule.rule, place: item.place, text, at: positionOf(rule, look, compiled.patterns) });
  }
  return { matches, complete: !call.undecided };
}
