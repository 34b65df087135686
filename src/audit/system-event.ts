import { printable } from '../core/printable.ts';
import type { Gap } from './gap.ts';
import {
  type AuditEvent,
  type ClassName,
  classes,
  encode,
  type Origin,
  otherActivity,
  productOf,
  severity,
  status,
} from './ocsf.ts';

/** A load of the config that was tried while we run. */
export interface Reload {
  readonly outcome: 'ok' | 'refused';
  /** The version of the plan that was compiled; undefined when there is none. */
  readonly version: string | undefined;
  /** The version of the plan in force before. */
  readonly previous: string | undefined;
  /** What asked for it. */
  readonly trigger: 'file' | 'signal';
  /** How many issues a refused config has. */
  readonly issues?: number;
}

/** The beginning or the end of this process. */
export interface Lifecycle {
  readonly activity: 'start' | 'stop';
  /** The version of the plan in force. */
  readonly version: string | undefined;
}

/** What a system event is stamped with. */
export interface Stamp {
  readonly uid: string;
  readonly sequence: number;
  readonly timeMs: number;
}

/** What kind of system event it is: our name, and its class, activity and severity in OCSF. */
interface SystemKind {
  readonly name: AuditEvent['name'];
  readonly class: ClassName;
  readonly activity: number;
  readonly severity: number;
}

const messageMax = 256;
const update = 3;
const lifecycleActivities = { start: 3, stop: 4 } as const;

/** An event that is of no call, with the attributes of its class. */
export function systemEvent(
  { name, ...kind }: SystemKind,
  stamp: Stamp,
  origin: Origin,
  attributes: Readonly<Record<string, unknown>>,
): AuditEvent {
  const line = encode({ ...kind, ...stamp }, origin, attributes);
  const { status_detail: refusal } = attributes;
  const facts = { severity: kind.severity, classUid: classes[kind.class].uid, trace: undefined, rule: undefined };
  return { kind: 'system', name, ...stamp, ...facts, reason: typeof refusal === 'string' ? refusal : undefined, line };
}

/** Entity Management, Update: the config was replaced, or the new one was refused and the old one stays. */
export function reloadEvent(reload: Reload, stamp: Stamp, origin: Origin): AuditEvent {
  const ok = reload.outcome === 'ok';
  const grave = ok ? severity.informational : severity.high;
  const entity = { type_id: 5, type: 'Policy', name: 'config', uid: 'config' };
  const issues = reload.issues === undefined ? '' : ` with ${reload.issues} issues`;
  const kind = { name: 'portcullis.reload', class: 'entity', activity: update, severity: grave } as const;
  return systemEvent(kind, stamp, origin, {
    status_id: ok ? status.success : status.failure,
    message: printable(ok ? 'the config was replaced' : `a config${issues} was refused; the old one stays`, messageMax),
    actor: { app_name: reload.trigger === 'file' ? 'file-watch' : 'signal' },
    entity: { ...entity, version: reload.previous },
    entity_result: ok ? { ...entity, version: reload.version } : undefined,
    unmapped: { portcullis: { config_rev: ok ? reload.version : reload.previous, issues: reload.issues } },
  });
}

/** Application Lifecycle, Start or Stop. */
export function lifecycleEvent({ activity, version }: Lifecycle, stamp: Stamp, origin: Origin): AuditEvent {
  const kind = {
    name: 'portcullis.lifecycle',
    class: 'lifecycle',
    activity: lifecycleActivities[activity],
    severity: severity.informational,
  } as const;
  return systemEvent(kind, stamp, origin, {
    status_id: status.success,
    message: activity === 'start' ? 'started' : 'stopping',
    app: productOf(origin),
    unmapped: { portcullis: { config_rev: version } },
  });
}

/**
 * Application Lifecycle, Other: a sink lost events. It stands in their place, so it takes the sequence of the last of
 * them: no other event of that sink has it.
 */
export function gapEvent(gap: Gap, stamp: Stamp, origin: Origin): AuditEvent {
  const grave = gap.others === 0 ? severity.medium : severity.high;
  const count = gap.allows + gap.others;
  const kind = { name: 'portcullis.gap', class: 'lifecycle', activity: otherActivity, severity: grave } as const;
  return systemEvent(kind, stamp, origin, {
    activity_name: 'Audit gap',
    status_id: status.failure,
    message: `${count} audit events were lost`,
    app: productOf(origin),
    count,
    start_time: Math.trunc(gap.sinceMs),
    end_time: Math.trunc(gap.untilMs),
    unmapped: {
      portcullis: {
        gap: {
          sink: gap.sink,
          allows: gap.allows,
          others: gap.others,
          first_sequence: gap.firstSequence,
          last_sequence: gap.lastSequence,
        },
      },
    },
  });
}
