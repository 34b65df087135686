import { hash } from 'node:crypto';
import { compileRuleSet, type RuleSet } from './detection/rule-set.ts';
import { openEngine } from './engines/index.ts';
import type { AttackRule } from './rule.ts';
import { warmUp } from './warm.ts';

// What nobody holds any more is given up, with its patterns in native memory: a plan that was thrown away leaves nothing.
const known = new Map<string, WeakRef<RuleSet>>();
const digests = new WeakMap<readonly AttackRule[], string>();

function digestOf(rules: readonly AttackRule[]): string {
  const before = digests.get(rules);
  if (before !== undefined) return before;
  const digest = hash('sha256', JSON.stringify(rules), 'base64');
  digests.set(rules, digest);
  return digest;
}

/** The rules compiled for this thread: once for all rules of all plans that search with the same. */
export function ruleSetOf(rules: readonly AttackRule[]): RuleSet {
  for (const [digest, held] of known) if (held.deref() === undefined) known.delete(digest);
  const digest = digestOf(rules);
  const before = known.get(digest)?.deref();
  if (before !== undefined) return before;
  const made = compileRuleSet(rules, openEngine('auto'));
  known.set(digest, new WeakRef(made));
  // With a problem among its rules it is thrown away, and never asked.
  if (made.problems.size === 0) warmUp(made);
  return made;
}
