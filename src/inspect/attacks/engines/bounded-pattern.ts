import { RE2JS } from 're2js';

// What a pattern may keep of the states that it has met. The library's own bound is 8 MiB, and there are hundreds of patterns.
const mostBytes = 512 * 1024;

/** Compiles a pattern in RE2 syntax that runs in JavaScript, and keeps little of what it has learned; throws where it is none. */
export function boundedPattern(source: string): RE2JS {
  const pattern = RE2JS.compile(source);
  const { dfa } = pattern.re2();
  dfa.maxMem = mostBytes;
  dfa.stateBudget = mostBytes;
  dfa.memBudget = mostBytes;
  return pattern;
}
