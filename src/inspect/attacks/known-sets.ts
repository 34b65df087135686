import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { compileRuleSet, type RuleSet, ruleSetSteps } from './detection/rule-set.ts';
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

function knownSet(digest: string): RuleSet | undefined {
  for (const [other, held] of known) if (held.deref() === undefined) known.delete(other);
  return known.get(digest)?.deref();
}

function remember(digest: string, made: RuleSet): RuleSet {
  known.set(digest, new WeakRef(made));
  // With a problem among its rules it is thrown away, and never asked.
  if (made.problems.size === 0) warmUp(made);
  return made;
}

/** The rules compiled for this thread: once for all rules of all plans that search with the same. */
export function ruleSetOf(rules: readonly AttackRule[]): RuleSet {
  const digest = digestOf(rules);
  return knownSet(digest) ?? remember(digest, compileRuleSet(rules, openEngine('auto')));
}

/**
 * The same on a thread that answers calls: others have their turn after each step. Whoever holds what is given finds it known.
 * Rejects when the signal ends it.
 */
export async function prepareRuleSet(rules: readonly AttackRule[], signal: AbortSignal): Promise<RuleSet> {
  const digest = digestOf(rules);
  const before = knownSet(digest);
  if (before !== undefined) return before;
  const steps = ruleSetSteps(rules, openEngine('auto'));
  for (;;) {
    const step = steps.next();
    if (step.done === true) return knownSet(digest) ?? remember(digest, step.value);
    await setImmediate(undefined, { signal });
  }
}
