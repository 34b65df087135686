import type { NormalRequest } from '../core/attributes.ts';
import type { Match, Rule, RuleMatch } from '../core/plan.ts';
import { type Reject, reject } from '../core/verdict.ts';

/** The key of a route's context_extensions by which Envoy chooses a rule. */
const ruleExtension = 'rule';

/** First match wins among enforced rules; shadow rules that match before it only watch; no match is a denial. */
export function compileMatch(rules: readonly Rule[]): (request: NormalRequest) => Match {
  const positions = new Map(rules.map(({ id }, position) => [id, position]));
  return (request) => {
    const chosen = request.attributes.contextExtensions.get(ruleExtension);
    if (chosen === undefined) return search(rules, request);
    const position = positions.get(chosen);
    if (position === undefined) return { shadows: [], decides: reject('rule_unknown') };
    return follow(rules.slice(position), request);
  };
}

function search(rules: readonly Rule[], request: NormalRequest): Match {
  const shadows: RuleMatch[] = [];
  for (const rule of rules) {
    const considered = rule.consider(request);
    if (!considered.matches) continue;
    const found = { rule, parameters: considered.parameters };
    if (rule.mode === 'enforce') return { shadows, decides: found };
    shadows.push(found);
  }
  return { shadows, decides: noRule };
}

// The chosen rule's own match must hold; in shadow it is passed over as if it had been found by matching.
function follow([chosen, ...rest]: readonly Rule[], request: NormalRequest): Match {
  const considered = chosen?.consider(request);
  if (chosen === undefined || considered === undefined || !considered.matches) {
    return { shadows: [], decides: reject('rule_mismatch', { rule: chosen?.id ?? '' }) };
  }
  const found = { rule: chosen, parameters: considered.parameters };
  if (chosen.mode === 'enforce') return { shadows: [], decides: found };
  const { shadows, decides } = search(rest, request);
  return { shadows: [found, ...shadows], decides };
}

const noRule: Reject = Object.freeze(reject('no_rule'));
