import { type AuditEvent, type Origin, otherActivity, productOf, severity, status } from './ocsf.ts';
import type { Signer, Vouched } from './signing.ts';
import { type Stamp, systemEvent } from './system-event.ts';

/** Application Lifecycle, Other: the chain up to here is vouched for by the key. */
export function checkpointEvent(vouched: Vouched, signer: Signer, stamp: Stamp, origin: Origin): AuditEvent {
  const kind = {
    name: 'portcullis.checkpoint',
    class: 'lifecycle',
    activity: otherActivity,
    severity: severity.informational,
  } as const;
  const { sequence, hash, end } = vouched;
  return systemEvent(kind, stamp, origin, {
    activity_name: 'Audit checkpoint',
    status_id: status.success,
    message: end ? 'the chain of audit events ends here' : 'the chain of audit events up to here is signed',
    app: productOf(origin),
    unmapped: {
      portcullis: { checkpoint: { sequence, hash, end, key: signer.keyId, signature: signer.sign(vouched) } },
    },
  });
}
