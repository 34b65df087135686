import { printable } from '../core/printable.ts';
import type { Gap } from './gap.ts';
import { type AuditEvent, classes, encode, type Origin, otherActivity, productOf, severity, status } from './ocsf.ts';

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

const messageMax = 256;
const update = 3;
const lifecycleActivities = { start: 3, stop: 4 } as const;

/** Entity Management, Update: the config was replaced, or the new one was refused and the old one stays. */
export function reloadEvent(reload: Reload, stamp: Stamp, origin: Origin): AuditEvent {
  const ok = reload.outcome === 'ok';
  const grave = ok ? severity.informational : severity.high;
  const entity = { type_id: 5, type: 'Policy', name: 'config', uid: 'config' };
  const issues = reload.issues === undefined ? '' : ` with ${reload.issues} issues`;
  const line = encode({ class: 'entity', activity: update, severity: grave, ...stamp }, origin, {
    status_id: ok ? status.success : status.failure,
    message: printable(ok ? 'the config was replaced' : `a config${issues} was refused; the old one stays`, messageMax),
    actor: { app_name: reload.trigger === 'file' ? 'file-watch' : 'signal' },
    entity: { ...entity, version: reload.previous },
    entity_result: ok ? { ...entity, version: reload.version } : undefined,
    unmapped: { portcullis: { config_rev: ok ? reload.version : reload.previous, issues: reload.issues } },
  });
  return systemEvent('portcullis.reload', classes.entity.uid, grave, stamp, line);
}

/** Application Lifecycle, Start or Stop. */
export function lifecycleEvent({ activity, version }: Lifecycle, stamp: Stamp, origin: Origin): AuditEvent {
  const head = {
    class: 'lifecycle',
    activity: lifecycleActivities[activity],
    severity: severity.informational,
  } as const;
  const line = encode({ ...head, ...stamp }, origin, {
    status_id: status.success,
    message: activity === 'start' ? 'started' : 'stopping',
    app: productOf(origin),
    unmapped: { portcullis: { config_rev: version } },
  });
  return systemEvent('portcullis.lifecycle', classes.lifecycle.uid, head.severity, stamp, line);
}

/**
 * Application Lifecycle, Other: a sink lost events. It stands in their place, so it takes the sequence of the last of
 * them: no other event of that sink has it.
 */
export function gapEvent(gap: Gap, stamp: Stamp, origin: Origin): AuditEvent {
  const grave = gap.others === 0 ? severity.medium : severity.high;
  const count = gap.allows + gap.others;
  const line = encode({ class: 'lifecycle', activity: otherActivity, severity: grave, ...stamp }, origin, {
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
  return systemEvent('portcullis.gap', classes.lifecycle.uid, grave, stamp, line);
}

const systemEvent = (
  name: AuditEvent['name'],
  classUid: number,
  grave: number,
  { sequence, timeMs }: Stamp,
  line: string,
): AuditEvent => ({ kind: 'system', name, sequence, timeMs, severity: grave, classUid, trace: undefined, line });
