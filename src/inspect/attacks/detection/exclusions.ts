import type { AttackRule } from '../rule.ts';

/** What is excluded, by rule. */
export interface Exclusions {
  /** Where a rule does not look. */
  of(rule: AttackRule): ((place: string) => boolean) | 'everywhere' | undefined;
}

/** One exclusion: which rules, and in which places; no places: everywhere. */
export interface Exclusion {
  /** A rule's id, a range like 942000-942999, a class like sqli, or * for all. */
  readonly rule: string;
  readonly places: readonly string[];
}

const range = /^(\d{1,9})-(\d{1,9})$/;

function selects(text: string): (rule: AttackRule) => boolean {
  const [whole, first, last] = range.exec(text) ?? [];
  if (whole !== undefined)
    return ({ id }) => /^\d+$/.test(id) && Number(id) >= Number(first) && Number(id) <= Number(last);
  return (rule) => text === '*' || rule.id === text || rule.class === text;
}

/** Whether a place is one of a pattern's, in which each * stands for any characters. */
function matchesPlace(pattern: string): (place: string) => boolean {
  const lower = pattern.toLowerCase();
  const pieces = lower.split('*');
  const [start = '', ...rest] = pieces;
  const end = rest.pop();
  if (end === undefined) return (place) => place === lower;
  return (place) => {
    if (!place.startsWith(start) || place.length < start.length + end.length || !place.endsWith(end)) return false;
    const stop = place.length - end.length;
    let at = start.length;
    for (const piece of rest) {
      const found = place.indexOf(piece, at);
      if (found < 0 || found + piece.length > stop) return false;
      at = found + piece.length;
    }
    return true;
  };
}

/** Compiles exclusions. */
export function compileExclusions(exclusions: readonly Exclusion[]): Exclusions {
  const all = exclusions.map(({ rule, places }) => ({ selects: selects(rule), places }));
  return {
    of: (rule) => {
      const own = all.filter((exclusion) => exclusion.selects(rule));
      if (own.length === 0) return undefined;
      if (own.some(({ places }) => places.length === 0)) return 'everywhere';
      const tests = own.flatMap((exclusion) => exclusion.places.map(matchesPlace));
      return (place) => tests.some((test) => test(place.toLowerCase()));
    },
  };
}
