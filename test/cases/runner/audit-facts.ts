import assert from 'node:assert/strict';
import type { ClosedTrail } from '../../../src/core/trail.ts';

/** What the audit event says of a decision: the part of an expectation that shows what was written down. */
export type AuditFacts = Readonly<Record<string, unknown>>;

/** The part of an OCSF event that is looked at. */
interface Event {
  readonly class_uid: number;
  readonly activity_id: number;
  readonly type_uid: number;
  readonly severity_id: number;
  readonly action_id: number;
  readonly disposition_id: number;
  readonly status_code: string;
  readonly metadata: { readonly uid: string };
  readonly src_endpoint: { readonly ip?: string; readonly name?: string };
  readonly http_request?: { readonly url?: { readonly hostname?: string; readonly path?: string } };
  readonly unmapped: { readonly portcullis: OwnFacts };
}
interface OwnFacts {
  readonly reason: string;
  readonly rule?: string;
  readonly step?: string;
  readonly config_rev: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly shadow?: readonly unknown[];
}

// They depend on when the case is run.
const fleeting = /\.(period|reset|retry_after)_ms$|^(ended|begins)$/;

/** The facts of an event that is one line of JSON; the event must agree with the decision it tells of. */
export function factsOf(line: string, { decision, planVersion }: ClosedTrail): AuditFacts {
  const event: Event = JSON.parse(line);
  const { portcullis: own } = event.unmapped;
  const reason = decision.effect === 'deny' ? decision.reason : 'ok';
  assert.deepEqual(
    [event.metadata.uid, own.reason, own.rule, own.config_rev, event.status_code, event.action_id],
    [
      ...[decision.id, reason, decision.rule, planVersion],
      ...(decision.effect === 'deny' ? [String(decision.status), 2] : ['OK', 1]),
    ],
  );
  assert.equal(event.type_uid, event.class_uid * 100 + event.activity_id);
  const { hostname, path } = event.http_request?.url ?? {};
  return withoutUndefined({
    class_uid: event.class_uid,
    severity_id: event.severity_id,
    disposition_id: event.disposition_id,
    step: own.step,
    source: event.src_endpoint.ip ?? event.src_endpoint.name,
    host: hostname,
    path,
    detail: steady(own.detail),
    shadow: own.shadow,
  });
}

function steady(detail: OwnFacts['detail'] = {}): OwnFacts['detail'] {
  const kept = Object.entries(detail).filter(([name]) => !fleeting.test(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** The members that have a value. */
export const withoutUndefined = (value: Readonly<Record<string, unknown>>): AuditFacts =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
