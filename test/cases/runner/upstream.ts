import assert from 'node:assert/strict';
import type { HeaderMap } from '../../../src/core/attributes.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { type Answer, decisionId } from './answer.ts';

// However a server behind us spells a header's name in its environment.
const folded = (name: string): string => name.toLowerCase().replaceAll('_', '-');

/**
 * Holds what Envoy would hand to the upstream against the promise: of every name that we own, in any spelling, the
 * upstream sees our value or none, and never a credential that the rule does not pass on.
 */
export function assertUpstream(answer: Answer, headers: HeaderMap, plan: Plan): void {
  const ours: Readonly<Record<string, string>> = { ...answer.set, 'x-decision-id': decisionId };
  const upstream = new Map([...headers].filter(([name]) => answer.remove?.includes(name) !== true));
  for (const name of Object.keys(ours)) upstream.delete(name);
  const forged = [...upstream.keys()].filter((name) => plan.ownedHeaders.has(folded(name)));
  assert.deepEqual(forged, [], 'what we own reaches the upstream from the client');
  const rule = plan.rules.find(({ id }) => id === answer.rule);
  assert.ok(rule !== undefined, 'an allow names the rule that allowed');
  const leaked = [...upstream.keys()].filter((name) => plan.credentials.headers.has(folded(name)));
  if (!rule.passCredentials) assert.deepEqual(leaked, [], 'a credential reaches the upstream');
}
