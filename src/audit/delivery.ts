import { type Bell, createBell } from '../core/bell.ts';
import { errorName } from '../core/bug.ts';
import type { AuditSignals, Log } from '../core/ports.ts';
import { createGapCounter, type Gap, type GapCounter, type Lost } from './gap.ts';
import { type Ledger, openLedger, type Seal } from './ledger.ts';
import type { AuditEvent } from './ocsf.ts';
import type { Partly, Sink } from './sink.ts';
import type { OpenSource, Source } from './source.ts';
import type { View } from './view.ts';

/** Takes events to one sink in the background. Nothing here throws or rejects. */
export interface Delivery {
  offer(event: AuditEvent): void;
  /** Looks whether something waits that nobody has offered. */
  wake(): void;
  /** Tells the sink's readers of an event that never came this far. */
  lose(event: Lost): void;
  /** Tells the metrics how much waits. */
  measure(): void;
  /** Resolves when nothing waits any more, or when the sink could not take it just now. */
  flush(): Promise<void>;
  /** As flush; the chain then ends with what was written, so that nobody can cut it off unseen. */
  finish(): Promise<void>;
  /** Ends the delivery: what waits is lost and counted. Gives the number of events, and when the sink is closed. */
  close(): { readonly events: number; readonly closed: Promise<void> };
}

/** What a delivery needs. */
interface DeliveryOptions {
  readonly name: string;
  readonly sink: Sink;
  readonly view: View;
  readonly openSource: OpenSource;
  /** How events are chained; undefined: they are not. */
  readonly seal: Seal | undefined;
  /** Milliseconds before the second try; each further one waits twice as long, half a minute at most. */
  readonly retryMs: number;
  readonly signals: AuditSignals;
  readonly log: Log;
  /** Makes the event that tells of a gap. */
  readonly gapEvent: (gap: Gap) => AuditEvent;
}

/** What is on its way to the sink, as it is written. */
interface Batch {
  /** The gap's event, those that were recorded, a checkpoint. */
  readonly events: readonly AuditEvent[];
  /** Of the events, those that were recorded. */
  readonly recorded: ReadonlySet<AuditEvent>;
  readonly missing: { readonly gap: Gap; readonly event: AuditEvent } | undefined;
  /** Forgets the places of the events in the chain. */
  readonly unseal: () => void;
  /** Whether the sink may have it already. */
  readonly tried: boolean;
}

/** A delivery under way. */
interface Course extends DeliveryOptions {
  readonly source: Source;
  readonly ledger: Ledger;
  readonly gap: GapCounter;
  /** Rings when a round of deliveries is over. */
  readonly idle: Bell;
  /** Rings to end the wait for the next try. */
  readonly hurry: Bell;
  state: 'idle' | 'busy' | 'closed';
  /** Tries in a row that found the sink away. */
  failures: number;
  batch: Batch | undefined;
  ending: boolean;
}

const retryMaxMs = 30_000;
const retryAfterMaxMs = 300_000;

/** Starts the delivery to a sink: bounded, in order, and never silent about what it loses. */
export function startDelivery(options: DeliveryOptions): Delivery {
  const gap = createGapCounter(options.name);
  const source = options.openSource((event) => lose(course, event, 'dropped'));
  const ledger = openLedger(options.seal, () => begin(course));
  const bells = { idle: createBell(), hurry: createBell() };
  const start = { state: 'idle', failures: 0, batch: undefined, ending: false } as const;
  const course: Course = { ...options, ...bells, ...start, source, ledger, gap };
  const flush = async (): Promise<void> => {
    if (gap.open || ledger.due || source.bytes > 0 || course.ending) begin(course);
    if (course.state !== 'busy') return;
    const settled = bells.idle.wait();
    bells.hurry.ring();
    await settled;
  };
  return {
    offer: (event) => offer(course, event),
    wake: () => begin(course),
    lose: (event) => lose(course, event, 'dropped'),
    measure: () => measure(course),
    flush,
    finish: () => {
      course.ending = true;
      return flush();
    },
    close: () => {
      course.state = 'closed';
      ledger.close();
      bells.hurry.ring();
      const events = source.close();
      if (events > 0) options.signals.auditDelivered(options.name, 'dropped', events);
      measure(course);
      return { events, closed: options.sink.close() };
    },
  };
}

function offer(course: Course, event: AuditEvent): void {
  const { view, source, log, name } = course;
  if (!view.accepts(event)) return;
  if (course.state === 'closed') {
    lose(course, event, 'failed');
    return;
  }
  try {
    source.offer(event);
  } catch (error) {
    log.error({ sink: name, error: errorName(error) }, 'an audit event could not be written as its sink wants it');
    lose(course, event, 'failed');
  }
  begin(course);
}

function lose({ gap, signals, name }: Course, event: Lost, outcome: 'dropped' | 'failed'): void {
  gap.add(event);
  signals.auditDelivered(name, outcome, 1);
}

const measure = ({ signals, name, source }: Course): void => signals.auditQueued(name, source.events, source.bytes);

function begin(course: Course): void {
  if (course.state !== 'idle') return;
  course.state = 'busy';
  queueMicrotask(() => void run(course)); // what is offered in the same turn goes in one batch
}

async function run(course: Course): Promise<void> {
  // A gap alone waits for the next event or flush: a sink that refuses it would be asked for ever.
  do await send(course);
  while (course.state === 'busy' && (course.batch !== undefined || course.source.bytes > 0));
  if (course.state === 'busy') course.state = 'idle';
  course.idle.ring();
  measure(course);
}

/** Sends what waits first. */
async function send(course: Course): Promise<void> {
  course.batch ??= await compose(course);
  const { batch, sink, source, name, log } = course;
  if (batch === undefined && source.stuck) await pause(course, 0);
  if (batch === undefined || course.state === 'closed') return;
  // A sink that throws has a bug: trying the same batch again would only meet it again.
  const delivered = await sink.write(batch.events).catch(() => 'refused' as const);
  switch (delivered) {
    case 'written':
      settle(course, batch.recorded.size);
      break;
    case 'away':
      await again(course, batch, 0);
      break;
    case 'refused':
      log.error({ sink: name, events: batch.recorded.size }, 'an audit sink refused events for good');
      giveUp(course, batch);
      break;
    case 'closed':
      course.state = 'closed';
      log.error({ sink: name }, 'an audit sink is closed for good; its events are lost');
      giveUp(course, batch);
      break;
    default:
      if ('afterMs' in delivered) await again(course, batch, delivered.afterMs);
      else await judge(course, batch, delivered);
  }
}

/** The next batch as it is written; undefined: nothing waits. */
async function compose(course: Course): Promise<Batch | undefined> {
  const { source, gap, ledger } = course;
  const recorded = await source.take();
  const missing = gap.take();
  const told = missing && course.gapEvent(missing);
  const unsealed = told === undefined ? recorded : [course.view.shape(told), ...recorded];
  const ends = course.ending && source.bytes === 0;
  const { events, unseal } = ledger.seal(unsealed, ends, course.view.shape);
  const [first] = events;
  if (first === undefined) {
    source.settle();
    return undefined;
  }
  const own = told === undefined ? 0 : 1;
  return {
    events,
    recorded: new Set(events.slice(own, own + recorded.length)),
    missing: missing && { gap: missing, event: first },
    unseal,
    tried: false,
  };
}

function settle(course: Course, written: number): void {
  const { name, log, signals, source } = course;
  if (course.failures > 0) log.info({ sink: name }, 'an audit sink is back');
  course.failures = 0;
  course.batch = undefined;
  source.settle();
  signals.auditDelivered(name, 'written', written);
  log.debug?.({ sink: name, events: written, waiting: source.events }, 'an audit sink took events');
}

function giveUp(course: Course, { recorded, missing, unseal, tried }: Batch): void {
  // The sink has none of them: their places are free, unless it may have had them in a try before.
  if (!tried) unseal();
  course.gap.restore(missing?.gap);
  course.batch = undefined;
  course.source.settle();
  for (const event of recorded) lose(course, event, 'failed');
}

/** Goes on with what a sink, that has judged each event by itself, wants to be asked again. */
async function judge(course: Course, batch: Batch, { again: wanted, refused }: Partly): Promise<void> {
  const { recorded, missing } = batch;
  const lost = [...recorded].filter((event) => refused.has(event));
  if (lost.length > 0)
    course.log.error({ sink: course.name, events: lost.length }, 'an audit sink refused events for good');
  for (const event of lost) lose(course, event, 'failed');
  if (missing !== undefined && refused.has(missing.event)) course.gap.restore(missing.gap);
  const rest = [...recorded].filter((event) => wanted.has(event));
  const written = recorded.size - lost.length - rest.length;
  if (wanted.size === 0) return settle(course, written);
  course.signals.auditDelivered(course.name, 'written', written);
  const events = batch.events.filter((event) => wanted.has(event));
  const open = missing !== undefined && wanted.has(missing.event) ? missing : undefined;
  await again(course, { ...batch, events, recorded: new Set(rest), missing: open }, 0);
}

async function again(course: Course, batch: Batch, afterMs: number): Promise<void> {
  const { name, sink, log, signals } = course;
  course.batch = { ...batch, tried: true };
  signals.auditRetried(name, batch.recorded.size);
  if (course.state === 'closed') return;
  if (course.failures === 0)
    log.warn({ sink: name, trouble: sink.trouble?.() }, 'an audit sink is away; its events wait');
  await pause(course, afterMs);
}

/** Waits before the next try, longer each time. */
async function pause(course: Course, afterMs: number): Promise<void> {
  const { retryMs, idle, hurry } = course;
  if (course.state === 'closed') return;
  course.failures += 1;
  idle.ring(); // whoever flushes need not wait for what does not go on
  const ownMs = Math.min(retryMs * 2 ** (course.failures - 1), retryMaxMs);
  await hurry.wait(Math.max(ownMs, Math.min(afterMs, retryAfterMaxMs)));
}
