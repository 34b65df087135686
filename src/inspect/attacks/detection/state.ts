import type { Item, RequestView } from '../request/view.ts';
import { type Collection, collections } from '../rule.ts';
import type { CompiledRule } from './compiled.ts';
import type { CompiledCondition } from './conditions.ts';
import type { Patterns } from './patterns.ts';
import type { Look } from './search.ts';
import type { Macro, Resolve } from './template.ts';

/** How far the conditions of one rule have come. */
export interface Chain {
  /** What the last condition has found. */
  looks: readonly Look[];
  captures: Captures;
}

/** The groups of matches by number, worked out when they are first asked for. */
type Captures = () => ReadonlyMap<string, readonly string[]>;

const noGroups: ReadonlyMap<string, readonly string[]> = new Map();

/** Of a condition that captures nothing. */
export const noCaptures: Captures = () => noGroups;

/** What rules have set, matched and taken away while a request is looked at. */
export interface State {
  items(collection: Collection, chain: Chain): readonly Item[];
  /** The value of a macro. */
  resolve(macro: Macro, chain: Chain): string | undefined;
  /** Does what a condition says of each text that it has found. */
  assign(condition: CompiledCondition, chain: Chain): void;
  /** Takes down that a rule has matched, with what that takes away. */
  matched(rule: CompiledRule): void;
  /** Whether a rule is to be looked at. */
  wants(rule: CompiledRule['rule']): boolean;
  /** What is left of what a rule has found. */
  left(rule: CompiledRule['rule'], looks: readonly Look[]): readonly Look[];
}

// No rule of anybody's sets more; a caller that makes one do so gains nothing.
const mostVariables = 10_000;
const known: ReadonlySet<string> = new Set(collections);
const isCollection = (name: string): name is Collection => known.has(name);

/** A member of a collection of the evaluation's own. */
export const ownItem = (name: string, text: string, place: string): Item => ({
  name,
  place,
  readings: [text],
  proven: false,
});

const nameOf = ({ item, collection }: Look): string =>
  item.name === '' ? collection.toUpperCase() : `${collection.toUpperCase()}:${item.name}`;

/** The groups of the matches of all looks, by number; of an operator without groups the text itself. */
export function capturesOf(condition: CompiledCondition, looks: readonly Look[], patterns: Patterns): Captures {
  let groups: ReturnType<Captures> | undefined;
  return () => {
    groups ??= groupsOf(condition, looks, patterns);
    return groups;
  };
}

function groupsOf({ decision }: CompiledCondition, looks: readonly Look[], patterns: Patterns): ReturnType<Captures> {
  const told = looks.slice(0, mostVariables);
  const pattern = decision.kind === 'probe' ? decision.pattern : undefined;
  if (pattern === undefined) return new Map([['0', told.map(({ text }) => text)]]);
  const captures = new Map<string, string[]>();
  for (const { text } of told) {
    for (const [group, captured] of patterns.groups(pattern, text).entries()) {
      const list = captures.get(String(group));
      if (list === undefined) captures.set(String(group), [captured]);
      else list.push(captured);
    }
  }
  return captures;
}

const isOf =
  ({ collection, select }: NonNullable<CompiledRule['removes'][number]['target']>) =>
  (look: Look): boolean =>
    look.collection === collection && (select === undefined || select(look.item));

/** Opens the state of one request. */
export function openState(view: RequestView, patterns: Patterns): State {
  const variables = new Map<string, string>();
  const matched = new Set<string>();
  const removed: ReadonlySet<string>[] = [];
  const lost: { readonly rules: ReadonlySet<string>; readonly test: (look: Look) => boolean }[] = [];

  const variableItems = ({ looks, captures }: Chain): readonly Item[] => {
    const place = looks[0]?.item.place ?? 'tx';
    const set = [...variables].map(([name, text]) => ownItem(name, text, place));
    const captured = [...captures()].flatMap(([group, texts]) => texts.map((text) => ownItem(group, text, place)));
    return [...set, ...captured];
  };

  const resolve: State['resolve'] = ({ name, collection, member }, { looks, captures }) => {
    const last = looks.at(-1);
    if (name === 'matched_var') return last?.text;
    if (name === 'matched_var_name') return last && nameOf(last);
    if (collection === 'tx') return captures().get(member)?.at(-1) ?? variables.get(member);
    if (!isCollection(collection)) return undefined;
    return view.items(collection).find((item) => member === '' || item.name === member)?.readings[0];
  };

  return {
    resolve,
    items: (collection, chain) => {
      switch (collection) {
        case 'tx':
          return variableItems(chain);
        case 'matched_var':
        case 'matched_vars':
          return chain.looks.map(({ item, text }) => ownItem(item.name, text, item.place));
        case 'matched_var_name':
        case 'matched_vars_names':
          return chain.looks.map((look) => ownItem(look.item.name, nameOf(look), look.item.place));
        default:
          return view.items(collection);
      }
    },
    assign: (condition, { looks }) => {
      const { sets } = condition;
      if (sets.length === 0) return;
      for (const look of looks) {
        const chain: Chain = {
          looks: [look],
          captures: condition.condition.captures ? capturesOf(condition, [look], patterns) : noCaptures,
        };
        const fill: Resolve = (macro) => resolve(macro, chain);
        for (const { name, value, adds } of sets) {
          if (variables.size >= mostVariables) return;
          const filled = name(fill);
          const text = value(fill);
          const before = Number(variables.get(filled) ?? 0);
          variables.set(filled, adds ? String(before + (Number(text) || 0)) : text);
        }
      }
    },
    matched: ({ rule: { id }, removes }) => {
      matched.add(id);
      for (const { rules, target } of removes) {
        if (target === undefined) removed.push(rules);
        else lost.push({ rules, test: isOf(target) });
      }
    },
    wants: ({ id, unless }) =>
      !removed.some((rules) => rules.has(id)) && unless?.some((other) => matched.has(other)) !== true,
    left: ({ id }, looks) => {
      if (lost.length === 0) return looks;
      const own = lost.filter(({ rules }) => rules.has(id));
      return own.length === 0 ? looks : looks.filter((look) => !own.some(({ test }) => test(look)));
    },
  };
}
