import type { NormalRequest } from '../core/attributes.ts';
import type { Allow, DynamicMetadata, HeaderMutation } from '../core/decision.ts';
import { foldedName } from '../core/header-name.ts';
import type { Plan, Rule, Subject } from '../core/plan.ts';

/** The allow of a rule: what the upstream gets and what it must not get. */
export function allowance(
  id: string,
  plan: Plan,
  rule: Rule,
  subject: Subject,
  response: readonly HeaderMutation[],
  metadata: DynamicMetadata,
): Allow {
  const set = [{ name: 'x-decision-id', value: id }, ...principalHeaders(subject), ...rule.upstream(subject)];
  return {
    effect: 'allow',
    id,
    rule: rule.id,
    set,
    remove: removals(subject.request, plan, rule, set),
    response,
    metadata: { ...metadata, decision_id: id, reason: 'ok' },
  };
}

function principalHeaders({ principal }: Subject): readonly HeaderMutation[] {
  if (principal === undefined) return [];
  return [
    { name: 'x-user', value: principal.id },
    { name: 'x-user-source', value: principal.source },
  ];
}

// Envoy removes after it sets: a name in both lists would be lost. Our own names go whether we saw them or not, for a
// filter may hide headers from the check that it passes on to the upstream.
function removals(request: NormalRequest, plan: Plan, rule: Rule, set: readonly HeaderMutation[]): readonly string[] {
  const kept = new Set(set.map((mutation) => mutation.name));
  const seen = [...request.headers.keys()].filter((name) => {
    const spelled = foldedName(name);
    return plan.ownedHeaders.has(spelled) || (!rule.passCredentials && plan.credentialHeaders.has(spelled));
  });
  return [...new Set([...seen, ...plan.ownedHeaders])].filter((name) => !kept.has(name));
}
