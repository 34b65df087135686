import type { AdminAct, AdminObject } from '../core/administration.ts';
import type { JsonObject } from '../core/json.ts';
import { short } from '../core/redact.ts';
import { type AuditEvent, action, disposition, type Origin, productOf, severity, status as statusIds } from './ocsf.ts';
import { type Stamp, systemEvent } from './system-event.ts';

const activities = { create: 1, read: 2, update: 3, delete: 4 } as const satisfies Record<AdminAct['activity'], number>;
const administrator = 2;

/** API Activity: somebody asked something of the admin API. */
export function adminEvent(act: AdminAct, stamp: Stamp, origin: Origin): AuditEvent {
  const { operation, actor, peer, status, refusal, object } = act;
  const done = refusal === undefined;
  const grave = severityOf(act);
  const kind = {
    name: 'portcullis.administration',
    class: 'api',
    activity: activities[act.activity],
    severity: grave,
  } as const;
  const what = object === undefined ? '' : ` of ${object.type} ${object.name}`;
  return systemEvent(kind, stamp, origin, {
    status_id: done ? statusIds.success : statusIds.failure,
    status_code: String(status),
    status_detail: refusal,
    message: short(`${operation}${what} ${done ? 'was done' : `was refused: ${refusal}`}`),
    action_id: done ? action.allowed : action.denied,
    disposition_id: dispositionOf(act),
    actor: {
      user: actor === undefined ? { name: 'anonymous', type_id: 0 } : { name: short(actor), type_id: administrator },
    },
    api: { operation: short(operation), response: { code: status }, service: { name: productOf(origin).name } },
    resources: object && [{ type: short(object.type), name: short(object.name) }],
    src_endpoint: peer === undefined ? { name: 'local' } : { ip: short(peer.address), port: peer.port },
    dst_endpoint: { svc_name: 'portcullis-admin' },
    unmapped: {
      portcullis: { admin: { operation: short(operation), refusal, facts: object?.facts && factsOf(object.facts) } },
    },
  });
}

const factsOf = (facts: NonNullable<AdminObject['facts']>): JsonObject =>
  Object.fromEntries(
    Object.entries(facts).map(([name, fact]) => [name, typeof fact === 'string' ? short(fact) : fact]),
  );

const unproven = (status: number): boolean => status === 401 || status === 403;

function severityOf({ refusal, status }: AdminAct): number {
  if (refusal === undefined) return severity.informational;
  if (status >= 500) return severity.high;
  return unproven(status) ? severity.medium : severity.low;
}

function dispositionOf({ refusal, status }: AdminAct): number {
  if (refusal === undefined) return disposition.allowed;
  if (status >= 500) return disposition.error;
  return unproven(status) ? disposition.unauthorized : disposition.rejected;
}
