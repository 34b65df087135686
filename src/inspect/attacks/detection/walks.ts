import { meets } from '../gate/mask.ts';
import type { Sight } from '../gate/scanner.ts';
import type { Collection } from '../rule.ts';
import type { Change } from './changes.ts';
import { type CompiledCondition, mayHave, type Source } from './conditions.ts';
import { type Kept, openKept } from './kept.ts';
import type { Kind } from './memory.ts';

/** A gated condition, and where its rule looks. */
export interface Member {
  readonly condition: CompiledCondition;
  /** Its index among all gated conditions. */
  readonly candidate: number;
  readonly sources: ReadonlyMap<Collection, readonly Source[]>;
  readonly excluded: ((place: string) => boolean) | undefined;
}

/** A member that texts of some kinds of characters may satisfy, if each of these lists has a word in them. */
export interface Likely {
  readonly member: Member;
  readonly lists: readonly number[];
}

/** What is to be done with texts of the same kinds of characters: the same for each of them. */
interface Plan {
  /** Those that look at the text as it is: no transformation of theirs would change it. */
  readonly same: readonly Likely[];
  /** Transformations that may change the text, and those that look at what comes of it. */
  readonly changed: readonly {
    readonly change: Change;
    readonly members: readonly Member[];
    /** Where it does not change the text after all. */
    readonly same: readonly Likely[];
  }[];
}

/** A condition that a text may satisfy, wherever it stands. */
export interface Passing {
  readonly member: Member;
  /** The text as the condition looks at it. */
  readonly text: string;
  /** What the engine is to say of it; -1: it does satisfy the condition. */
  readonly probe: number;
}

/** Members that were met, each by its number. */
export interface Marks {
  /** None was met from here on. */
  begin(): void;
  isNew(candidate: number): boolean;
}

/** A collection, and the conditions that look at it. */
export interface Walk {
  readonly collection: Collection;
  readonly marks: Marks;
  planOf(sight: Sight, kind: Kind): Plan;
  /** Which of the conditions texts may satisfy, from call to call. Collections with the same conditions share it. */
  readonly kept: Kept<Passing[]>;
}

// Ordinary texts are of few mixtures of characters.
const mostPlans = 1024;
// Headers and many values are the same from call to call.
const mostInGeneration = 3072;

function openMarks(size: number): Marks {
  const seen = new Uint32Array(size);
  let round = 0;
  return {
    begin: () => {
      round += 1;
      if (round <= 0xffff_ffff) return;
      seen.fill(0);
      round = 1;
    },
    isNew: (candidate) => {
      if (seen[candidate] === round) return false;
      seen[candidate] = round;
      return true;
    },
  };
}

/** For each collection the conditions that look at it. */
export function openWalks(members: readonly Member[]): readonly Walk[] {
  const marks = openMarks(members.length);
  const alike = new Map<string, Omit<Walk, 'collection'>>();
  return [...new Set(members.flatMap(({ sources }) => [...sources.keys()]))].map((collection) => {
    const own = members.filter(({ sources }) => sources.has(collection));
    const key = own.map(({ candidate }) => candidate).join();
    const walk = alike.get(key) ?? { marks, planOf: openPlans(own), kept: openKept(mostInGeneration) };
    alike.set(key, walk);
    return { collection, ...walk };
  });
}

function openPlans(members: readonly Member[]): Walk['planOf'] {
  const byKind: Readonly<Record<Kind, readonly Member[]>> = {
    other: members,
    plain: members.filter(({ condition }) => condition.takesPlain),
    bare: members.filter(({ condition }) => condition.takesBare),
  };
  const plans = { other: new Map<number, Plan>(), plain: new Map<number, Plan>(), bare: new Map<number, Plan>() };
  return (sight, kind) => {
    const own = plans[kind];
    // 32 bits of signs and 7 of others: exact as a number.
    const key = sight.signs * 128 + sight.others;
    const known = own.get(key);
    if (known !== undefined) return known;
    if (own.size >= mostPlans) own.clear();
    const plan = planFor(byKind[kind], sight);
    own.set(key, plan);
    return plan;
  };
}

function planFor(members: readonly Member[], sight: Sight): Plan {
  const changes = new Set<Change>();
  const same = members.filter(({ condition }) => {
    const touched = condition.changes.filter(({ touches }) => touches === undefined || meets(touches, sight));
    for (const change of touched) changes.add(change);
    return touched.length < condition.changes.length;
  });
  // What is done first comes first: a condition looks at the stages of its transformations in their order.
  const changed = [...changes]
    .toSorted((one, other) => one.index - other.index)
    .map((change) => {
      const own = members.filter(({ condition }) => condition.changes.includes(change));
      return { change, members: own, same: likelyOf(own, sight) };
    });
  return { same: likelyOf(same, sight), changed };
}

const likelyOf = (members: readonly Member[], sight: Sight): readonly Likely[] =>
  members.flatMap((member) => {
    const { needs } = member.condition;
    return mayHave(needs, sight) ? [{ member, lists: needs[sight.alphabet]?.lists ?? [] }] : [];
  });
