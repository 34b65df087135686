import type { Change } from './changes.ts';
import type { CompiledCondition, Source } from './conditions.ts';

/** A gated condition among those that look at the same texts. */
export interface Member {
  readonly condition: CompiledCondition;
  /** Its index among all gated conditions. */
  readonly candidate: number;
}

/** Conditions that look at the very same texts. */
export interface Group {
  readonly sources: readonly Source[];
  readonly changes: readonly Change[];
  readonly excluded: ((place: string) => boolean) | undefined;
  readonly members: readonly Member[];
  /** Those that a text of the smallest alphabet may satisfy too; then those that need no word for it. */
  readonly plainMembers: readonly Member[];
  readonly bareMembers: readonly Member[];
}

/** A gated condition and where it does not look; key: equal for equal exclusions. */
interface Gated {
  readonly condition: CompiledCondition;
  readonly excluded: ((place: string) => boolean) | undefined;
  readonly key: string;
}

/** Puts gated conditions together by what they look at. */
export function groupConditions(gated: readonly Gated[]): readonly Group[] {
  const members = gated.map((one, candidate) => ({ ...one, candidate }));
  const byTexts = Map.groupBy(members, ({ condition: { condition, changes }, key }) =>
    JSON.stringify([condition.targets, changes.map(({ index }) => index), key]),
  );
  return [...byTexts.values()].flatMap((all): readonly Group[] => {
    const [first] = all;
    if (first === undefined) return [];
    const { sources, changes } = first.condition;
    return [
      {
        sources,
        changes,
        excluded: first.excluded,
        members: all,
        plainMembers: all.filter(({ condition }) => condition.takesPlain),
        bareMembers: all.filter(({ condition }) => condition.takesBare),
      },
    ];
  });
}
