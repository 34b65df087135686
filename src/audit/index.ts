import { randomUUID } from 'node:crypto';
import type { AccountAudit } from '../core/account.ts';
import type { AdminAudit } from '../core/administration.ts';
import type { HeaderMap } from '../core/attributes.ts';
import type { BanListener } from '../core/ban.ts';
import type { FeedListener } from '../core/feed.ts';
import type { FindingListener } from '../core/finding.ts';
import { settleWithin } from '../core/patience.ts';
import { type AuditPort, silentLog } from '../core/ports.ts';
import { sampled } from '../core/sample.ts';
import type { ClosedTrail } from '../core/trail.ts';
import { accountEvent } from './account-event.ts';
import { adminEvent } from './admin-event.ts';
import type { AuditConfig } from './config.ts';
import { decisionEvent } from './event.ts';
import { feedEvent } from './feed-event.ts';
import { banEvent, findingEvent, tellsOfBan } from './finding-event.ts';
import { type Flood, openFloods } from './floods.ts';
import { createInbox } from './inbox.ts';
import type { AuditEvent, Origin } from './ocsf.ts';
import type { AuditOptions } from './options.ts';
import { openOutlet } from './outlet.ts';
import type { QueueBound } from './queue.ts';
import type { OnKept } from './spool/spool.ts';
import { type Lifecycle, lifecycleEvent, type Reload, reloadEvent, type Stamp } from './system-event.ts';

export { type AuditConfig, type AuditKeys, auditSchema, buildAudit } from './config.ts';
export type { AuditOptions } from './options.ts';
export { SpoolError } from './spool/shelf.ts';

/** Writes down what happened. Nothing here throws, rejects, or makes a decision wait, but for who insists. */
export interface Audit extends AuditPort, AdminAudit, AccountAudit, FindingListener, BanListener, FeedListener {
  reload(reload: Reload): void;
  lifecycle(lifecycle: Lifecycle): void;
  /** Takes the settings of a new plan; the sinks stay as they were opened. */
  adjust(config: AuditConfig): void;
  /** Resolves when every sink has what was recorded so far, or could not take it just now. */
  flush(): Promise<void>;
  /** Writes what waits, in at most boundMs, then closes the sinks; what could not be written is counted and logged. */
  close(boundMs: number): Promise<void>;
}

const defaultBound: QueueBound = { events: 16_384, bytes: 16 * 1024 * 1024 };
// What a record holds on to besides a body, a path and headers, roughly.
const recordBytes = 2048;
const insistMs = 1000;

/** Opens the sinks, and the spool where there is one, and starts to deliver. Throws a SpoolError where it cannot be had. */
export function createAudit(options: AuditOptions): Audit {
  const { clock, log = silentLog, bound = defaultBound, version = '0.0.0', instanceId = randomUUID() } = options;
  const origin: Origin = { version, instanceId };
  const outlet = openOutlet(options, origin);
  const inbox = createInbox(bound, outlet, log);
  let { allowSample } = options;
  let open = outlet.active;

  const pushSystem = (event: (stamp: Stamp) => AuditEvent): void => {
    const timeMs = clock.nowMs();
    const encode = (sequence: number): AuditEvent => event({ uid: randomUUID(), sequence, timeMs });
    if (open) inbox.push({ kind: 'system', timeMs, bytes: recordBytes, encode });
  };
  const isWanted = ({ decision: { effect, id }, service }: ClosedTrail): boolean => {
    // What was found on its way is told like a denial: always.
    const routine = effect === 'allow' && service === undefined;
    return !routine || sampled(id, allowSample);
  };
  const push = (trail: ClosedTrail, onKept?: OnKept, flood?: Flood): void => {
    const encode = (sequence: number): AuditEvent => decisionEvent(trail, sequence, origin, flood);
    inbox.push({ kind: trail.decision.effect, timeMs: trail.startMs, bytes: weightOf(trail), encode, onKept });
  };
  // Who must be on disk before the answer cannot wait to be counted.
  const floods = openFloods(options.strict ? { ...options.floods, windowMs: 0 } : options.floods, clock, (flood) =>
    push(flood.trail, undefined, flood),
  );
  return {
    record: (trail) => {
      if (open && isWanted(trail) && !floods.takes(trail)) push(trail);
    },
    insist: options.strict
      ? async (trail) => !isWanted(trail) || (open && (await inTime((onKept) => push(trail, onKept))))
      : undefined,
    reload: (reload) => pushSystem((stamp) => reloadEvent(reload, stamp, origin)),
    lifecycle: (lifecycle) => pushSystem((stamp) => lifecycleEvent(lifecycle, stamp, origin)),
    account: (act) => pushSystem((stamp) => accountEvent(act, stamp, origin)),
    administered: (act) => pushSystem((stamp) => adminEvent(act, stamp, origin)),
    found: (finding) => pushSystem((stamp) => findingEvent(finding, stamp, origin)),
    banned: (change) => {
      if (tellsOfBan(change)) pushSystem((stamp) => banEvent(change, stamp, origin));
    },
    feedChanged: (change) => pushSystem((stamp) => feedEvent(change, stamp, origin)),
    adjust: (config) => {
      allowSample = config.allowSample;
      if (config.key !== options.key) log.warn({}, 'audit has changed; new sinks and delivery begin at the next start');
    },
    flush: () => {
      inbox.drain();
      return outlet.flush();
    },
    close: async (boundMs) => {
      open = false;
      floods.flush();
      const endMs = clock.monotonicMs() + boundMs;
      inbox.drain();
      await settleWithin(outlet.finish(), boundMs);
      const { lost, closed } = outlet.close();
      if (lost > 0) log.error({ events: lost }, 'audit events were lost at the end');
      await settleWithin(closed, Math.max(0, endMs - clock.monotonicMs()));
    },
  };
}

/** What is told in time; false when nothing is. */
async function inTime(ask: (tell: (answer: boolean) => void) => void): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), insistMs);
  ask(resolve);
  const answer = await promise;
  clearTimeout(timer);
  return answer;
}

const weightOf = ({ attributes }: ClosedTrail): number =>
  recordBytes +
  (attributes?.body?.byteLength ?? 0) +
  (attributes?.path.length ?? 0) +
  headersWeight(attributes?.headers);

function headersWeight(headers: HeaderMap = new Map()): number {
  let bytes = 0;
  for (const [name, values] of headers) for (const value of values) bytes += name.length + value.length;
  return bytes;
}
