import type { Attributes } from '../core/attributes.ts';
import { bug } from '../core/bug.ts';
import type { Plan, Rule } from '../core/plan.ts';
import { noMemberships, type Principal, principalKey } from '../core/principal.ts';
import type { Subject } from '../core/subject.ts';
import type { Refusal } from '../core/verdict.ts';
import type { Vouched } from '../core/vouched.ts';

/** Whose exchange it is. */
export interface Recognized {
  readonly rule: Rule;
  readonly subject: Subject;
}

/** Nobody's, and the step that said so. */
interface Unrecognized {
  readonly step: 'guard' | 'match';
  readonly refusal: Refusal;
}

/**
 * The rule of an exchange: the one by which our own Check let the request in, if Envoy says so and the rule's own match
 * still holds, else the one that matches. Nobody is identified anew: the principal is the one of Check.
 */
export function recognize(attributes: Attributes, plan: Plan, vouched: Vouched | undefined): Recognized | Unrecognized {
  const chosen = vouched?.rule === undefined ? attributes : { ...attributes, contextExtensions: choice(vouched.rule) };
  // What lists in shadow mode say has been noted by Check.
  const guarded = plan.guard(chosen, () => {});
  if (guarded.kind === 'abstain') return { step: 'guard', refusal: bug(new TypeError('abstained')) };
  if (guarded.kind !== 'pass') return { step: 'guard', refusal: guarded };
  const request = guarded.value;
  const { decides } = plan.match(request);
  if (!('rule' in decides)) return { step: 'match', refusal: decides };
  const { rule, parameters } = decides;
  return { rule, subject: { request, parameters, rule: rule.id, principal: principalOf(plan, vouched) } };
}

// As a route of Envoy chooses a rule.
const choice = (rule: string): Attributes['contextExtensions'] => new Map([['rule', rule]]);

/** Who it was that Check identified, as far as its metadata tells: by name, without roles, scopes and claims. */
function principalOf({ identities }: Plan, vouched: Vouched | undefined): Principal | undefined {
  const { principalId: id, principalSource: source } = vouched ?? {};
  const kind = source === undefined ? undefined : identities.get(source);
  if (id === undefined || source === undefined || kind === undefined) return undefined;
  return {
    source,
    id,
    key: principalKey(source, id),
    kind,
    roles: new Set(),
    memberships: noMemberships,
    scopes: new Set(),
    issuer: undefined,
    credentialId: undefined,
    sessionId: undefined,
    issuedMs: undefined,
    expiresMs: undefined,
    boundBy: undefined,
    claims: Object.freeze({ __proto__: null }),
  };
}
