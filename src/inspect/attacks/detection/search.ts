import type { ProbeTexts } from '../engine.ts';
import type { Item, RequestView } from '../request/view.ts';
import type { Collection } from '../rule.ts';
import type { Compiled } from './compiled.ts';
import { type Source, satisfies } from './conditions.ts';
import type { Member } from './groups.ts';
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

interface Open extends Look {
  readonly candidate: number;
  readonly probe: number;
}

const none = (): undefined => undefined;

/** One reading of an item. */
interface Text {
  readonly item: Item;
  readonly reading: string;
}

/** The texts of a collection by how ordinary they are. */
type Sorted = Readonly<Record<ReturnType<Memory['kind']>, readonly Text[]>>;

function sortItems(items: readonly Item[], memory: Memory): Sorted {
  const sorted = { bare: [] as Text[], plain: [] as Text[], other: [] as Text[] };
  for (const item of items) {
    if (item.proven) continue;
    for (const reading of item.readings) sorted[memory.kind(reading)].push({ item, reading });
  }
  return sorted;
}

/** Looks for what first conditions ask for, all in one run of the engine. */
export function search(compiled: Compiled, view: RequestView, memory: Memory, budgetMs: number): Searched {
  const looks: (Look[] | undefined)[] = new Array(compiled.candidates);
  const open: Open[] = [];
  const found = (candidate: number, look: Look): void => {
    const known = looks[candidate];
    if (known === undefined) looks[candidate] = [look];
    else known.push(look);
  };

  const offer = (members: readonly Member[], look: Look): void => {
    const sight = memory.sight(look.text);
    for (const { condition, candidate } of members) {
      if (!satisfies(condition.needs, sight)) continue;
      const { decision } = condition;
      if (decision.kind === 'probe') open.push({ ...look, candidate, probe: decision.probe });
      else if (decision.kind === 'words' || decision.test(look.text, none)) found(candidate, look);
    }
  };

  const sorted = new Map<Collection, Sorted>();
  const itemsOf = (collection: Collection): Sorted => {
    const known = sorted.get(collection);
    if (known !== undefined) return known;
    const made = sortItems(view.items(collection), memory);
    sorted.set(collection, made);
    return made;
  };

  for (const { sources, changes, excluded, members, plainMembers, bareMembers } of compiled.groups) {
    const offerAll = (wanted: readonly Member[], texts: readonly Text[], { collection, select }: Source): void => {
      if (wanted.length === 0) return;
      for (const { item, reading } of texts) {
        if ((select !== undefined && !select(item)) || excluded?.(item.place) === true) continue;
        for (const change of changes) offer(wanted, { item, text: memory.change(change, reading), collection });
      }
    };
    for (const source of sources) {
      const { bare, plain, other } = itemsOf(source.collection);
      offerAll(members, other, source);
      offerAll(plainMembers, plain, source);
      offerAll(bareMembers, bare, source);
    }
  }
  if (open.length === 0) return { looks, complete: true };

  const texts: string[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (text: string): number => {
    const known = indexes.get(text);
    if (known !== undefined) return known;
    indexes.set(text, texts.length);
    return texts.push(text) - 1;
  };
  const byProbe = new Map<number, Set<number>>();
  for (const { probe, text } of open) {
    const wanted = byProbe.get(probe);
    if (wanted === undefined) byProbe.set(probe, new Set([indexOf(text)]));
    else wanted.add(indexOf(text));
  }
  const wanted: ProbeTexts[] = [...byProbe].map(([probe, seen]) => ({ probe, texts: [...seen] }));
  const { hits, complete } = compiled.probes.run(texts, wanted, budgetMs);
  const hit = new Set(hits.map(({ probe, text }) => probe * texts.length + text));
  for (const { candidate, probe, item, text, collection } of open)
    if (hit.has(probe * texts.length + indexOf(text))) found(candidate, { item, text, collection });
  return { looks, complete };
}
