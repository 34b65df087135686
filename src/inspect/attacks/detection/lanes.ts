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

/** Gated conditions that look at texts after the same transformations, by how ordinary the text is (see Memory). */
export interface Lane {
  readonly change: Change;
  readonly other: readonly Member[];
  /** Those that a text of the smallest alphabet may satisfy too; then those that need no word for it. */
  readonly plain: readonly Member[];
  readonly bare: readonly Member[];
}

/** Puts gated conditions together by what is done with a text before they look at it. */
export function openLanes(members: readonly Member[]): readonly Lane[] {
  const pairs = members.flatMap((member) => member.condition.changes.map((change) => ({ member, change })));
  return [...Map.groupBy(pairs, ({ change }) => change)].map(([change, group]) => {
    const other = group.map(({ member }) => member);
    return {
      change,
      other,
      plain: other.filter(({ condition }) => condition.takesPlain),
      bare: other.filter(({ condition }) => condition.takesBare),
    };
  });
}
