import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { AccountAudit } from '../core/account.ts';
import type { AdminAudit } from '../core/administration.ts';
import type { HeaderMap } from '../core/attributes.ts';
import type { Clock } from '../core/clock.ts';
import { settleWithin } from '../core/patience.ts';
import { type AuditPort, type AuditSignals, type Log, silentAuditSignals, silentLog } from '../core/ports.ts';
import type { ClosedTrail } from '../core/trail.ts';
import { accountEvent } from './account-event.ts';
import { adminEvent } from './admin-event.ts';
import { checkpointEvent } from './checkpoint.ts';
import type { AuditConfig } from './config.ts';
import { type Delivery, startDelivery } from './delivery.ts';
import { decisionEvent } from './event.ts';
import type { Gap } from './gap.ts';
import { createInbox } from './inbox.ts';
import type { Seal } from './ledger.ts';
import type { AuditEvent, Origin } from './ocsf.ts';
import type { QueueBound } from './queue.ts';
import { sampled } from './sample.ts';
import type { Signer } from './signing.ts';
import { openMemory } from './source.ts';
import { gapEvent, type Lifecycle, lifecycleEvent, type Reload, reloadEvent, type Stamp } from './system-event.ts';

export { type AuditConfig, type AuditKeys, auditSchema, buildAudit } from './config.ts';
export type { ChainReport } from './proof/judge.ts';
export type { Line } from './proof/link.ts';
export { openVerifier, type Verification } from './proof/verify.ts';
export { readVerifyingKey } from './signing.ts';

/** What audit needs. */
export interface AuditOptions extends AuditConfig {
  readonly clock: Clock;
  readonly log?: Log;
  readonly signals?: AuditSignals;
  /** Where the sink otlp sends to; the sink is inactive without it. */
  readonly otlpEndpoint?: string | undefined;
  readonly serviceName?: string;
  readonly version?: string;
  /** Tells instances apart, in every event; random by default. */
  readonly instanceId?: string;
  readonly stdout?: Writable;
  /** How much may wait, once before it is encoded and once for each sink: 16384 events and 16 MiB by default. */
  readonly bound?: QueueBound;
  readonly retryMs?: number;
}

/** Writes down what happened. Nothing here throws, rejects, or makes a decision wait. */
export interface Audit extends AuditPort, AdminAudit, AccountAudit {
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

/** Opens the sinks and starts to deliver to them. */
export function createAudit(options: AuditOptions): Audit {
  const { clock, log = silentLog, bound = defaultBound, version = '0.0.0', instanceId = randomUUID() } = options;
  const origin: Origin = { version, instanceId };
  const deliveries = openDeliveries(options, origin);
  const inbox = createInbox(bound, deliveries, log);
  let { allowSample } = options;
  let open = deliveries.length > 0;

  const pushSystem = (event: (stamp: Stamp) => AuditEvent): void => {
    const timeMs = clock.nowMs();
    const encode = (sequence: number): AuditEvent => event({ uid: randomUUID(), sequence, timeMs });
    if (open) inbox.push({ kind: 'system', timeMs, bytes: recordBytes, encode });
  };
  const flush = async (): Promise<void> => {
    inbox.drain();
    await Promise.all(deliveries.map((delivery) => delivery.flush()));
  };
  const finish = async (): Promise<void> => {
    inbox.drain();
    await Promise.all(deliveries.map((delivery) => delivery.finish()));
  };
  return {
    record: (trail) => {
      const { effect, id } = trail.decision;
      // What was found on its way is told like a denial: always.
      const routine = effect === 'allow' && trail.service === undefined;
      if (!open || (routine && !sampled(id, allowSample))) return;
      const encode = (sequence: number): AuditEvent => decisionEvent(trail, sequence, origin);
      inbox.push({ kind: effect, timeMs: trail.startMs, bytes: weightOf(trail), encode });
    },
    reload: (reload) => pushSystem((stamp) => reloadEvent(reload, stamp, origin)),
    lifecycle: (lifecycle) => pushSystem((stamp) => lifecycleEvent(lifecycle, stamp, origin)),
    account: (act) => pushSystem((stamp) => accountEvent(act, stamp, origin)),
    administered: (act) => pushSystem((stamp) => adminEvent(act, stamp, origin)),
    adjust: (config) => {
      allowSample = config.allowSample;
      if (keysOf(config) !== keysOf(options))
        log.warn({}, 'audit.sinks has changed; the new sinks open at the next start');
    },
    flush,
    close: async (boundMs) => {
      open = false;
      const endMs = clock.monotonicMs() + boundMs;
      await settleWithin(finish(), boundMs);
      const ended = deliveries.map((delivery) => delivery.close());
      const lost = ended.reduce((total, { events }) => total + events, 0);
      if (lost > 0) log.error({ events: lost }, 'audit events were lost at the end');
      await settleWithin(Promise.all(ended.map(({ closed }) => closed)), Math.max(0, endMs - clock.monotonicMs()));
    },
  };
}

const keysOf = ({ sinks, signer }: AuditConfig): string => [signer?.keyId, ...sinks.map(({ key }) => key)].join();
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

function openDeliveries(options: AuditOptions, origin: Origin): readonly Delivery[] {
  const { clock, log = silentLog, signals = silentAuditSignals, bound = defaultBound, retryMs = 500 } = options;
  const environment = {
    clock,
    stdout: options.stdout ?? process.stdout,
    otlpEndpoint: options.otlpEndpoint,
    serviceName: options.serviceName ?? 'portcullis',
    ...origin,
  };
  const deliveries = options.sinks.flatMap(({ label: name, view, open }) => {
    const opened = open(environment);
    if ('inactive' in opened) {
      log.info({ sink: name, why: opened.inactive }, 'an audit sink is inactive');
      return [];
    }
    const stamp = (sequence: number): Stamp => ({ uid: randomUUID(), sequence, timeMs: clock.nowMs() });
    const tellGap = (gap: Gap): AuditEvent => gapEvent(gap, stamp(gap.lastSequence), origin);
    const seal = sealOf(view.encoding.braces, name, options.signer, stamp, origin);
    const openSource = openMemory(bound, view.shape);
    const course = { name, sink: opened.sink, view, openSource, seal, retryMs, signals, log, gapEvent: tellGap };
    return [startDelivery(course)];
  });
  if (deliveries.length === 0) log.warn({}, 'no audit sink is active: decisions are written nowhere');
  return deliveries;
}

const checkpoints = { everyEvents: 10_000, everyMs: 60_000 } as const;

/** How the events of a sink are chained: for themselves, so that what a filter leaves out is missing nowhere. */
function sealOf(
  braces: number | undefined,
  sink: string,
  signer: Signer | undefined,
  stamp: (sequence: number) => Stamp,
  origin: Origin,
): Seal | undefined {
  if (braces === undefined) return undefined;
  const id = `${origin.instanceId}/${sink}`;
  const checkpoint: Seal['checkpoint'] =
    signer && ((vouched, sequence) => checkpointEvent(vouched, signer, stamp(sequence), origin));
  return { id, braces, keyId: signer?.keyId, checkpoint, ...checkpoints };
}
