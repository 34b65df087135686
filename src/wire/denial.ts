import { STATUS_CODES } from 'node:http';
import type { Deny, DynamicMetadata } from '../core/decision.ts';
import { reasons } from '../core/reason.ts';
import { fail, type Refusal } from '../core/verdict.ts';

const found = 302;

/**
 * The denial that a refusing verdict becomes: problem+json (RFC 9457) with the public reason and the decision id, and a
 * redirect where the verdict sends a browser somewhere.
 */
export function denial(id: string, rule: string | undefined, verdict: Refusal, metadata: DynamicMetadata): Deny {
  const { status: ordinary, public: publicReason } = reasons[verdict.reason];
  const rejected = verdict.kind === 'reject' ? verdict : undefined;
  const location = rejected?.redirect;
  const status = location === undefined ? ordinary : found;
  return {
    effect: 'deny',
    id,
    rule,
    reason: verdict.reason,
    status,
    headers: [
      { name: 'content-type', value: 'application/problem+json' },
      { name: 'cache-control', value: 'no-store' },
      { name: 'x-decision-id', value: id },
      ...(location === undefined ? [] : [{ name: 'location', value: location }]),
      ...(verdict.headers ?? []),
    ],
    body: JSON.stringify({
      // The named members come last: what a step exposes can never replace them.
      ...rejected?.expose,
      type: 'about:blank',
      title: STATUS_CODES[status],
      status,
      reason: publicReason,
      decision_id: id,
    }),
    metadata: { ...metadata, decision_id: id, reason: verdict.reason },
  };
}

/** The denial that stands in when the real answer cannot be given: 503, internal_error. */
export const internalDenial = (id: string): Deny => denial(id, undefined, fail('internal_error'), {});
