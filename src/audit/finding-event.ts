import { parsePrefix } from '../core/address.ts';
import { type BanChange, type BanTarget, operator } from '../core/ban.ts';
import type { Finding, FindingSubject } from '../core/finding.ts';
import { splitPrincipalKey } from '../core/principal.ts';
import { short } from '../core/redact.ts';
import { type AuditEvent, action, disposition, type Origin, severity } from './ocsf.ts';
import { type Stamp, systemEvent } from './system-event.ts';

const activities = { begins: 1, ends: 3, made: 1, lifted: 3, ended: 3 } as const;
/** analytic.type_id: a detector counts and compares. */
const statistical = 3;

/** Detection Finding, Create or Close: what a detector has found began, or is over. */
export function findingEvent(finding: Finding, stamp: Stamp, origin: Origin): AuditEvent {
  const { id, detector, phase, title, subject, sinceMs, atMs, measure, technique, shadow } = finding;
  const begins = phase === 'begins';
  const grave = severityOf(finding);
  const kind = { name: 'portcullis.finding', class: 'finding', activity: activities[phase], severity: grave } as const;
  const what = subject.name === '' ? 'all requests' : `${subject.kind} ${subject.name}`;
  return systemEvent(kind, stamp, origin, {
    message: short(`${begins ? '' : 'over: '}${title}: ${what}${shadow ? ' (shadow)' : ''}`),
    start_time: Math.trunc(sinceMs),
    end_time: begins ? undefined : Math.trunc(atMs),
    is_alert: begins && !shadow,
    // Where nobody can be blamed, nothing was done.
    ...doneOf(shadow || finding.targets.length === 0 ? 'alert' : finding.action),
    finding_info: {
      ...infoOf(id, title, detector),
      first_seen_time: Math.trunc(sinceMs),
      last_seen_time: Math.trunc(atMs),
      attacks: technique && [{ technique: { uid: technique } }],
    },
    anomaly_analyses: measure.expected === undefined ? undefined : [analysisOf(what, subject, measure)],
    evidences: evidencesOf(subject, finding.targets),
    unmapped: {
      portcullis: {
        finding: {
          id,
          detector,
          phase,
          subject: namedSubject(subject),
          measure: { ...measure, name: short(measure.name) },
        },
        action: finding.action,
        targets: finding.targets.map(nameOf).map(short),
        shadow,
      },
    },
  });
}

/** Whether audit tells of a change of bans: those of operators are acts of the admin API, and others tell of their own. */
export const tellsOfBan = ({ ban, here }: BanChange): boolean => here && ban.by !== operator;

/** Detection Finding, Create or Close: a detector banned somebody, or its ban is over. */
export function banEvent({ change, ban }: BanChange, stamp: Stamp, origin: Origin): AuditEvent {
  const { id, target, tighten, by, why, sinceMs, untilMs } = ban;
  const made = change === 'made';
  const grave = made ? severity.medium : severity.informational;
  const kind = { name: 'portcullis.ban', class: 'finding', activity: activities[change], severity: grave } as const;
  const what = `${target.kind} ${nameOf(target)}`;
  const title = tighten === undefined ? `${what} is banned` : `${what} counts ${tighten} times in limits`;
  return systemEvent(kind, stamp, origin, {
    message: short(made ? `${title}: ${why}` : `${title}: ${change}`),
    start_time: Math.trunc(sinceMs),
    is_alert: made,
    ...doneOf(tighten === undefined ? 'ban' : 'tighten'),
    finding_info: { ...infoOf(id, title, by), desc: short(why), first_seen_time: Math.trunc(sinceMs) },
    evidences: evidencesOf(undefined, [target]),
    unmapped: {
      portcullis: {
        ban: {
          id,
          change,
          by: short(by),
          target: short(nameOf(target)),
          kind: target.kind,
          tighten,
          until: untilMs && Math.trunc(untilMs),
        },
      },
    },
  });
}

function severityOf({ phase, shadow, action: done }: Finding): number {
  if (phase === 'ends') return severity.informational;
  if (shadow) return severity.low;
  return done === 'ban' ? severity.high : severity.medium;
}

function doneOf(done: Finding['action']) {
  switch (done) {
    case 'ban':
      return { action_id: action.denied, disposition_id: disposition.blocked };
    case 'tighten':
      return { action_id: action.modified, disposition_id: disposition.delayed };
    case 'alert':
      return { action_id: action.observed, disposition_id: disposition.alert };
    default:
      return done satisfies never;
  }
}

const infoOf = (uid: string, title: string, detector: string) => ({
  uid,
  title: short(title),
  analytic: { type_id: statistical, name: short(detector), uid: short(detector) },
});

const namedSubject = ({ kind, name }: FindingSubject) => ({ kind, name: short(name) });

function analysisOf(what: string, { kind }: FindingSubject, { name, observed, expected }: Finding['measure']) {
  const observation = (value: number | undefined) => ({
    observation_parameter: short(name),
    observations: [{ value: String(value) }],
  });
  return {
    analysis_targets: [{ name: short(what), type: kind }],
    anomalies: [observation(observed)],
    baselines: [observation(expected)],
  };
}

const nameOf = (target: BanTarget): string => (target.kind === 'address' ? target.prefix : target.key);

const mostEvidences = 16;

/** Who did it, as far as it is known: networks and principals; undefined: nobody in particular. */
function evidencesOf(subject: FindingSubject | undefined, targets: readonly BanTarget[]) {
  const own: readonly BanTarget[] =
    subject?.kind === 'network'
      ? [{ kind: 'address', prefix: subject.name }]
      : subject?.kind === 'principal'
        ? [{ kind: 'principal', key: subject.name }]
        : [];
  const others = targets.filter((target) => own.every((one) => nameOf(one) !== nameOf(target)));
  const evidences = [...own, ...others].slice(0, mostEvidences).map(evidenceOf);
  return evidences.length === 0 ? undefined : evidences;
}

function evidenceOf(target: BanTarget) {
  if (target.kind === 'principal') {
    const { source, id } = splitPrincipalKey(target.key) ?? { source: undefined, id: target.key };
    return { user: { uid: short(id), domain: source, type_id: 99, type: 'principal' } };
  }
  const prefix = parsePrefix(target.prefix);
  // An address is only what is one: a network has a name.
  return { src_endpoint: prefix?.text.includes('/') === false ? { ip: prefix.text } : { name: short(target.prefix) } };
}
