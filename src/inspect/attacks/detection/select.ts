import { RE2JS } from 're2js';
import { compileAutomaton, openAllowance } from '../gate/automaton.ts';
import { openStore } from '../gate/store.ts';
import type { Item } from '../request/view.ts';
import type { NameMatch, Target } from '../rule.ts';
import { openKept } from './kept.ts';

/** Whether an item is one of a target's. */
export type Select = (item: Item) => boolean;

// Names are short and much the same from call to call.
const mostStateBytes = 64 * 1024;
const [longestKept, mostKept] = [64, 128];

/** Throws where the pattern is none. */
function patternTest(pattern: string): (name: string) => boolean {
  const compiled = RE2JS.compile(pattern);
  const look = compileAutomaton(pattern, openStore(mostStateBytes));
  const kept = openKept<boolean>(mostKept);
  return (name) => {
    const known = kept.get(name);
    if (known !== undefined) return known;
    const word = look(name, openAllowance());
    const matches = word === 'perhaps' ? compiled.test(name) : word === 'yes';
    if (name.length <= longestKept) kept.set(name, matches);
    return matches;
  };
}

function named(names: readonly NameMatch[]): (name: string) => boolean {
  const exact = new Set(names.flatMap((name) => ('exact' in name ? [name.exact] : [])));
  const patterns = names.flatMap((name) => ('pattern' in name ? [patternTest(name.pattern)] : []));
  if (patterns.length === 0) return (name) => exact.has(name);
  return (name) => exact.has(name) || patterns.some((test) => test(name));
}

/** Compiles a target's choice among the members of its collection; undefined: it takes all of them. */
export function compileSelect({ only, except }: Pick<Target, 'only' | 'except'>): Select | undefined {
  if (only.length === 0 && except.length === 0) return undefined;
  const wanted = only.length === 0 ? undefined : named(only);
  const left = except.length === 0 ? undefined : named(except);
  return ({ name }) => (wanted === undefined || wanted(name)) && (left === undefined || !left(name));
}
