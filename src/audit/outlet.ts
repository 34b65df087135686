import { createHash, randomUUID } from 'node:crypto';
import { silentAuditSignals, silentLog } from '../core/ports.ts';
import { checkpointEvent } from './checkpoint.ts';
import { type Delivery, startDelivery } from './delivery.ts';
import type { Lost } from './gap.ts';
import type { Outlet } from './inbox.ts';
import type { Seal } from './ledger.ts';
import type { Origin } from './ocsf.ts';
import type { AuditOptions } from './options.ts';
import type { QueueBound } from './queue.ts';
import type { Signer } from './signing.ts';
import { openMemory } from './source.ts';
import { openSpool, type Spool } from './spool/spool.ts';
import { gapEvent, type Stamp } from './system-event.ts';

/** The way of encoded events to the sinks. */
interface OpenOutlet extends Outlet {
  /** Whether any sink is active. */
  readonly active: boolean;
  /** Resolves when every sink has what was offered so far, or could not take it just now. */
  flush(): Promise<void>;
  /** As flush, and the chains end. */
  finish(): Promise<void>;
  /** Ends it. Gives the number of events that are lost, and when all is closed. */
  close(): { readonly lost: number; readonly closed: Promise<unknown> };
}

const defaultBound: QueueBound = { events: 16_384, bytes: 16 * 1024 * 1024 };
const checkpoints = { everyEvents: 10_000, everyMs: 60_000 } as const;

/** Opens the sinks, and the spool before them where there is one; throws where that cannot be had. */
export function openOutlet(options: AuditOptions, origin: Origin): OpenOutlet {
  const { log = silentLog, bound = defaultBound, retryMs = 500, strict, clock, spool: config } = options;
  const lose = (lost: Lost): void => {
    for (const delivery of deliveries) delivery.lose(lost);
  };
  const kept = (): void => {
    for (const delivery of deliveries) delivery.wake();
  };
  const spool = config && openSpool({ ...config, bound, retryMs, strict, clock, log, kept, lose });
  // Before any event: a rule compares what waits with it.
  (options.signals ?? silentAuditSignals).auditBounded(config?.maxBytes ?? bound.bytes);
  const deliveries = openDeliveries(options, origin, spool);
  if (deliveries.length === 0) log.warn({}, 'no audit sink is active: decisions are written nowhere');
  // What a process before us has left.
  kept();
  const all = async (end: (delivery: Delivery) => Promise<void>): Promise<void> => {
    await spool?.flush();
    await Promise.all(deliveries.map(end));
  };
  return {
    active: deliveries.length > 0,
    offer: (event, onKept) => {
      if (spool === undefined) for (const delivery of deliveries) delivery.offer(event);
      else spool.append(event, onKept);
    },
    lose,
    measure: () => {
      for (const delivery of deliveries) delivery.measure();
    },
    flush: () => all((delivery) => delivery.flush()),
    finish: () => all((delivery) => delivery.finish()),
    close: () => {
      const unkept = spool?.waiting ?? 0;
      const ended = deliveries.map((delivery) => delivery.close());
      const lost = ended.reduce((total, { events }) => total + events, unkept);
      return { lost, closed: Promise.all([spool?.close(), ...ended.map(({ closed }) => closed)]) };
    },
  };
}

function openDeliveries(options: AuditOptions, origin: Origin, spool: Spool | undefined): readonly Delivery[] {
  const { clock, log = silentLog, signals = silentAuditSignals, bound = defaultBound, retryMs = 500 } = options;
  const environment = {
    clock,
    stdout: options.stdout ?? process.stdout,
    otlpEndpoint: options.otlpEndpoint,
    serviceName: options.serviceName ?? 'portcullis',
    ...origin,
  };
  const stamp = (sequence: number): Stamp => ({ uid: randomUUID(), sequence, timeMs: clock.nowMs() });
  return options.sinks.flatMap(({ label: name, key, view, open }) => {
    const opened = open(environment);
    if ('inactive' in opened) {
      log.info({ sink: name, why: opened.inactive }, 'an audit sink is inactive');
      return [];
    }
    const seal = sealOf(view.encoding.braces, name, options.signer, stamp, origin);
    const openSource = spool?.source(`${name}-${digestOf(key)}`, view) ?? openMemory(bound, view.shape);
    const tellGap: Parameters<typeof startDelivery>[0]['gapEvent'] = (gap) =>
      gapEvent(gap, stamp(gap.lastSequence), origin);
    const course = { name, sink: opened.sink, view, openSource, seal, retryMs, signals, log, gapEvent: tellGap };
    return [startDelivery(course)];
  });
}

/** Another sink of the same name, with other options, begins anew. */
const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 8);

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
