import type { Deny } from '../core/decision.ts';
import { reasons } from '../core/reason.ts';

/** The denial that stands in when the real answer cannot be given: 503, internal_error, problem+json (RFC 9457). */
export function internalDenial(id: string): Deny {
  const { status, public: reason } = reasons.internal_error;
  return {
    effect: 'deny',
    id,
    rule: undefined,
    reason: 'internal_error',
    status,
    headers: [
      { name: 'content-type', value: 'application/problem+json' },
      { name: 'cache-control', value: 'no-store' },
      { name: 'x-decision-id', value: id },
    ],
    body: JSON.stringify({ type: 'about:blank', title: 'Service Unavailable', status, reason, decision_id: id }),
    metadata: { decision_id: id, reason: 'internal_error' },
  };
}
