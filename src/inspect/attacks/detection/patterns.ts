import type { RE2JS } from 're2js';
import { boundedPattern } from '../engines/bounded-pattern.ts';
import { type Kept, openKept } from './kept.ts';

/** Patterns for the few texts that are looked at again, each compiled when it is first needed. */
export interface Patterns {
  /** The match and its groups up to the ninth; empty: there is none. What took no part is an empty text. */
  groups(pattern: string, text: string): readonly string[];
  /** Where the match begins; 0: there is none. */
  position(pattern: string, text: string): number;
}

// The type of a body and the like are the same from call to call.
const [longestKept, mostInGeneration] = [128, 64];

function groupsOf(pattern: RE2JS, text: string): readonly string[] {
  const matcher = pattern.matcher(text);
  if (!matcher.find()) return [];
  return Array.from({ length: Math.min(matcher.groupCount(), 9) + 1 }, (_, group) => matcher.group(group) ?? '');
}

/** Opens the patterns of one set of rules. */
export function openPatterns(): Patterns {
  const known = new Map<string, RE2JS>();
  const found = new Map<string, Kept<readonly string[]>>();
  const of = (source: string): RE2JS => {
    const pattern = known.get(source) ?? boundedPattern(source);
    known.set(source, pattern);
    return pattern;
  };
  return {
    groups: (pattern, text) => {
      if (text.length > longestKept) return groupsOf(of(pattern), text);
      const kept = found.get(pattern) ?? openKept(mostInGeneration);
      found.set(pattern, kept);
      const known = kept.get(text);
      if (known !== undefined) return known;
      const groups = groupsOf(of(pattern), text);
      kept.set(text, groups);
      return groups;
    },
    position: (pattern, text) => {
      const matcher = of(pattern).matcher(text);
      return matcher.find() ? matcher.start() : 0;
    },
  };
}
