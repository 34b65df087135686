import type { ProbeTexts } from '../engine.ts';
import { hasList, type Sight } from '../gate/scanner.ts';
import type { Item, RequestView } from '../request/view.ts';
import type { Collection } from '../rule.ts';
import type { Compiled } from './compiled.ts';
import { satisfies } from './conditions.ts';
import type { Memory } from './memory.ts';
import type { Likely, Marks, Member, Passing, Walk } from './walks.ts';

/** A text that satisfies a condition, and what it is a text of. */
export interface Look {
  readonly item: Item;
  readonly text: string;
  readonly collection: Collection;
}

/** What the gated conditions have found, by their index; undefined: nothing. */
interface Searched {
  readonly looks: readonly (readonly Look[] | undefined)[];
  readonly complete: boolean;
}

// What was found out about longer texts is not kept.
const longestKept = 256;
// The clock is looked at for each new text, and once for so many items, most of which are known.
const itemsBetween = 32;

const none = (): undefined => undefined;

/** What a search has and knows. */
interface Call {
  readonly memory: Memory;
  readonly endMs: number;
}

const isOver = ({ length }: string, { endMs }: Call): boolean => length > longestKept && performance.now() > endMs;

/** Adds a condition where a text may satisfy it; false: the time is over before that is known. */
function addIfPassing(passing: Passing[], member: Member, text: string, call: Call): boolean {
  const { decision } = member.condition;
  if (isOver(text, call)) return false;
  if (decision.kind === 'probe') {
    const word = decision.look(text, call.memory.allowance);
    if (word !== 'no') passing.push({ member, text, probe: word === 'yes' ? -1 : decision.probe });
  } else if (decision.kind === 'words' || decision.test(text, none)) passing.push({ member, text, probe: -1 });
  return true;
}

const hasAll = (sight: Sight, lists: readonly number[]): boolean => {
  for (const list of lists) if (!hasList(sight, list)) return false;
  return true;
};

/** Adds the conditions that a text may satisfy as it is; false: the time is over before that is known. */
function addLikely(passing: Passing[], likely: readonly Likely[], text: string, marks: Marks, call: Call): boolean {
  const sight = call.memory.sight(text);
  for (const { member, lists } of likely)
    if (hasAll(sight, lists) && marks.isNew(member.candidate) && !addIfPassing(passing, member, text, call))
      return false;
  return true;
}

/** The same for what a transformation has made of a text. */
function addPassing(passing: Passing[], members: readonly Member[], text: string, marks: Marks, call: Call): boolean {
  const sight = call.memory.sight(text);
  for (const member of members)
    if (
      satisfies(member.condition.needs, sight) &&
      marks.isNew(member.candidate) &&
      !addIfPassing(passing, member, text, call)
    )
      return false;
  return true;
}

/** Looks at the forms that a text takes, each once; undefined: the time is over before that is done. */
function lookAtForms({ planOf, marks }: Walk, text: string, call: Call): Passing[] | undefined {
  const { memory } = call;
  const { same, changed } = planOf(memory.sight(text), memory.kind(text));
  const forms = changed.map(({ change }) => memory.change(change, text));
  const passing: Passing[] = [];
  marks.begin();
  if (!addLikely(passing, same, text, marks, call)) return undefined;
  for (const [at, own] of changed.entries())
    if (forms[at] === text && !addLikely(passing, own.same, text, marks, call)) return undefined;
  for (const [at, form] of forms.entries()) {
    if (form === text || forms.indexOf(form) < at) continue;
    marks.begin();
    for (const [other, { members }] of changed.entries())
      if (forms[other] === form && !addPassing(passing, members, form, marks, call)) return undefined;
  }
  return passing;
}

/** Which conditions a text may satisfy: the same for every request. Undefined: the time is over before that is known. */
function passingOf(walk: Walk, text: string, call: Call): Passing[] | undefined {
  const { kept } = walk;
  const known = kept.get(text);
  if (known !== undefined) return known;
  if (performance.now() > call.endMs) return undefined;
  const passing = lookAtForms(walk, text, call);
  if (passing === undefined || text.length > longestKept) return passing;
  kept.set(text, passing);
  return passing;
}

const looksAt = ({ sources, excluded }: Member, collection: Collection, item: Item): boolean =>
  sources.get(collection)?.some(({ select }) => select === undefined || select(item)) === true &&
  excluded?.(item.place) !== true;

/** A passing text at one of its places. */
interface Open {
  readonly item: Item;
  readonly collection: Collection;
  readonly passing: Passing;
  /** The list that it is kept in. */
  readonly from: Passing[];
}

/** Every pair of a condition and a text that may satisfy it; undefined: the time is over before that is known. */
function openPairs(compiled: Compiled, view: RequestView, memory: Memory, endMs: number): readonly Open[] | undefined {
  const open: Open[] = [];
  const call: Call = { memory, endMs };
  let looked = 0;
  for (const walk of compiled.walks) {
    const { collection } = walk;
    for (const item of view.items(collection)) {
      if (item.proven) continue;
      if (looked % itemsBetween === 0 && performance.now() > endMs) return undefined;
      looked += 1;
      for (const reading of item.readings) {
        const from = passingOf(walk, reading, call);
        if (from === undefined) return undefined;
        for (const passing of from)
          if (looksAt(passing.member, collection, item)) open.push({ item, collection, passing, from });
      }
    }
  }
  return open;
}

/** What the engine is to look at: each text once for each probe. */
function looksOf(open: readonly Open[]): {
  readonly texts: readonly string[];
  readonly looks: readonly ProbeTexts[];
  readonly indexes: ReadonlyMap<string, number>;
} {
  const texts: string[] = [];
  const indexes = new Map<string, number>();
  const byProbe = new Map<number, Set<number>>();
  for (const {
    passing: { probe, text },
  } of open) {
    if (probe < 0) continue;
    let index = indexes.get(text);
    if (index === undefined) {
      index = texts.push(text) - 1;
      indexes.set(text, index);
    }
    const wanted = byProbe.get(probe);
    if (wanted === undefined) byProbe.set(probe, new Set([index]));
    else wanted.add(index);
  }
  return { texts, indexes, looks: [...byProbe].map(([probe, seen]) => ({ probe, texts: [...seen] })) };
}

/** What no text of a complete run has satisfied need not be asked again of these texts. */
function forget(open: readonly Open[], hitProbes: ReadonlySet<number>): void {
  for (const { from, passing } of open) {
    if (passing.probe < 0 || hitProbes.has(passing.probe)) continue;
    const at = from.indexOf(passing);
    if (at >= 0) from.splice(at, 1);
  }
}

/** Looks for what first conditions ask for, all in one run of the engine. */
export function search(compiled: Compiled, view: RequestView, memory: Memory, endMs: number): Searched {
  const found: (Look[] | undefined)[] = new Array(compiled.candidates);
  const open = openPairs(compiled, view, memory, endMs);
  if (open === undefined) return { looks: found, complete: false };
  if (open.length === 0) return { looks: found, complete: true };
  const { texts, looks, indexes } = looksOf(open);
  const { hits, complete } =
    looks.length === 0 ? { hits: [], complete: true } : compiled.probes.run(texts, looks, endMs - performance.now());
  const hit = new Set(hits.map(({ probe, text }) => probe * texts.length + text));
  for (const { item, collection, passing } of open) {
    const { member, text, probe } = passing;
    if (probe >= 0 && !hit.has(probe * texts.length + (indexes.get(text) ?? 0))) continue;
    const look = { item, text, collection };
    const known = found[member.candidate];
    if (known === undefined) found[member.candidate] = [look];
    else known.push(look);
  }
  if (complete) forget(open, new Set(hits.map(({ probe }) => probe)));
  return { looks: found, complete };
}
