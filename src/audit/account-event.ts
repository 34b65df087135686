import type { AccountAct } from '../core/account.ts';
import { short, shortOrNone } from '../core/redact.ts';
import { type AuditEvent, action, disposition, type Origin, productOf, severity, status } from './ocsf.ts';
import { type Stamp, systemEvent } from './system-event.ts';

const activities = { login: 1, logout: 2 } as const satisfies Record<AccountAct['activity'], number>;
const openId = { auth_protocol: 'OpenID', auth_protocol_id: 4 } as const;

/** Authentication, Logon or Logoff: a session of a person began or ended, or did not. */
export function accountEvent(act: AccountAct, stamp: Stamp, origin: Origin): AuditEvent {
  const { activity, identity, by, subject, session, refusal } = act;
  const done = refusal === undefined;
  const grave = done ? severity.informational : severity.low;
  const kind = {
    name: 'portcullis.account',
    class: 'authentication',
    activity: activities[activity],
    severity: grave,
  } as const;
  return systemEvent(kind, stamp, origin, {
    status_id: done ? status.success : status.failure,
    status_detail: refusal,
    message: done ? `${activity} by the ${by}` : `${activity} by the ${by} came to nothing: ${refusal}`,
    action_id: done ? action.allowed : action.denied,
    disposition_id: done ? disposition.allowed : disposition.unauthorized,
    user:
      subject === undefined
        ? { name: 'unknown', type_id: 0 }
        : { uid: short(subject), domain: identity, type_id: 99, type: 'oidc' },
    session: session === undefined ? undefined : { uid: shortOrNone(session) },
    service: { name: productOf(origin).name },
    is_remote: true,
    ...openId,
    unmapped: { portcullis: { account: { identity, by, refusal } } },
  });
}
