import type { Collection } from '../rule.ts';
import type { Change } from './changes.ts';
import type { CompiledCondition, Source } from './conditions.ts';

/** A gated condition, and where its rule looks. */
export interface Member {
  readonly condition: CompiledCondition;
  /** Its index among all gated conditions. */
  readonly candidate: number;
  readonly sources: ReadonlyMap<Collection, readonly Source[]>;
  readonly excluded: ((place: string) => boolean) | undefined;
}

/** Gated conditions that look at texts in the same forms, by how ordinary the text is (see Memory). */
interface Lane {
  /** The forms: a text that comes out of several of them alike is looked at once. */
  readonly changes: readonly Change[];
  readonly other: readonly Member[];
  /** Those that a text of the smallest alphabet may satisfy too; then those that need no word for it. */
  readonly plain: readonly Member[];
  readonly bare: readonly Member[];
}

/** A condition that a text may satisfy, wherever it stands. */
export interface Passing {
  readonly member: Member;
  /** The text as the condition looks at it. */
  readonly text: string;
  /** What the engine is to say of it; -1: it does satisfy the condition. */
  readonly probe: number;
}

/** A collection, and the conditions that look at it. */
export interface Walk {
  readonly collection: Collection;
  readonly lanes: readonly Lane[];
  /** Which of the conditions texts may satisfy, from call to call; bounded. Collections with the same conditions share it. */
  readonly kept: Map<string, Passing[]>;
}

/** For each collection the conditions that look at it. */
export function openWalks(members: readonly Member[]): readonly Walk[] {
  const alike = new Map<string, Omit<Walk, 'collection'>>();
  return [...new Set(members.flatMap(({ sources }) => [...sources.keys()]))].map((collection) => {
    const own = members.filter(({ sources }) => sources.has(collection));
    const key = own.map(({ candidate }) => candidate).join();
    const walk = alike.get(key) ?? { lanes: openLanes(own), kept: new Map() };
    alike.set(key, walk);
    return { collection, ...walk };
  });
}

/** Puts gated conditions together by what is done with a text before they look at it. */
function openLanes(members: readonly Member[]): readonly Lane[] {
  const keyOf = ({ condition: { changes } }: Member): string => changes.map(({ index }) => index).join();
  return [...Map.groupBy(members, keyOf).values()].map((other) => ({
    changes: other[0]?.condition.changes ?? [],
    other,
    plain: other.filter(({ condition }) => condition.takesPlain),
    bare: other.filter(({ condition }) => condition.takesBare),
  }));
}
