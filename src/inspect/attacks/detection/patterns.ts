import type { RE2JS } from 're2js';
import { boundedPattern } from '../engines/bounded-pattern.ts';

/** Patterns for the few texts that are looked at again, each compiled when it is first needed. */
export interface Patterns {
  /** The match and its groups up to the ninth; empty: there is none. What took no part is an empty text. */
  groups(pattern: string, text: string): readonly string[];
  /** Where the match begins; 0: there is none. */
  position(pattern: string, text: string): number;
}

/** Opens the patterns of one set of rules. */
export function openPatterns(): Patterns {
  const known = new Map<string, RE2JS>();
  const of = (source: string): RE2JS => {
    const pattern = known.get(source) ?? boundedPattern(source);
    known.set(source, pattern);
    return pattern;
  };
  return {
    groups: (pattern, text) => {
      const matcher = of(pattern).matcher(text);
      if (!matcher.find()) return [];
      return Array.from({ length: Math.min(matcher.groupCount(), 9) + 1 }, (_, group) => matcher.group(group) ?? '');
    },
    position: (pattern, text) => {
      const matcher = of(pattern).matcher(text);
      return matcher.find() ? matcher.start() : 0;
    },
  };
}
