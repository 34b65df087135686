import type { ProbeTexts } from '../engine.ts';
import type { Item, RequestView } from '../request/view.ts';
import type { Collection } from '../rule.ts';
import type { Change } from './changes.ts';
import type { Compiled } from './compiled.ts';
import { satisfies } from './conditions.ts';
import type { Member, Passing, Walk } from './lanes.ts';
import type { Memory } from './memory.ts';

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

// Headers and many values are the same from call to call: what was found out about them is kept, up to a bound.
const mostKept = 4096;
const longestKept = 256;

const none = (): undefined => undefined;

/** The forms of a text, each once. */
function formsOf(changes: readonly Change[], text: string, memory: Memory): readonly string[] {
  const forms: string[] = [];
  for (const change of changes) {
    const form = memory.change(change, text);
    if (!forms.includes(form)) forms.push(form);
  }
  return forms;
}

/** Adds the conditions that one form of a text may satisfy. */
function addPassing(passing: Passing[], members: readonly Member[], text: string, memory: Memory): void {
  const sight = memory.sight(text);
  for (const member of members) {
    const { needs, decision } = member.condition;
    if (!satisfies(needs, sight)) continue;
    if (decision.kind === 'probe') passing.push({ member, text, probe: decision.probe });
    else if (decision.kind === 'words' || decision.test(text, none)) passing.push({ member, text, probe: -1 });
  }
}

/** Which conditions a text may satisfy: the same for every request. */
function passingOf({ lanes, kept }: Walk, text: string, memory: Memory): Passing[] {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const kind = memory.kind(text);
  const passing: Passing[] = [];
  for (const lane of lanes) {
    const members = lane[kind];
    if (members.length === 0) continue;
    for (const changed of formsOf(lane.changes, text, memory)) addPassing(passing, members, changed, memory);
  }
  if (text.length <= longestKept) {
    if (kept.size >= mostKept) kept.clear();
    kept.set(text, passing);
  }
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
  for (const walk of compiled.walks) {
    const { collection } = walk;
    for (const item of view.items(collection)) {
      if (item.proven) continue;
      if (performance.now() > endMs) return undefined;
      for (const reading of item.readings) {
        const from = passingOf(walk, reading, memory);
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
