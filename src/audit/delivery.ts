import type { AuditSignals, Log } from '../core/ports.ts';
import { type Bell, createBell } from './bell.ts';
import { createGapCounter, type Gap, type GapCounter, type Lost } from './gap.ts';
import type { AuditEvent } from './ocsf.ts';
import { createQueue, type Queue, type QueueBound, type Queued } from './queue.ts';
import type { Delivered, Sink } from './sink.ts';

/** Takes events to one sink in the background. Nothing here throws or rejects. */
export interface Delivery {
  offer(event: AuditEvent): void;
  /** Tells the sink's readers of an event that never came this far. */
  lose(event: Lost): void;
  /** Tells the metrics how much waits. */
  measure(): void;
  /** Resolves when nothing waits any more, or when the sink could not take it just now. */
  flush(): Promise<void>;
  /** Ends the delivery: what waits is lost and counted. Gives the number of events, and when the sink is closed. */
  close(): { readonly events: number; readonly closed: Promise<void> };
}

/** What a delivery needs. */
interface DeliveryOptions {
  readonly name: string;
  readonly sink: Sink;
  readonly bound: QueueBound;
  /** Milliseconds before the second try; each further one waits twice as long, half a minute at most. */
  readonly retryMs: number;
  readonly signals: AuditSignals;
  readonly log: Log;
  /** Makes the event that tells of a gap. */
  readonly gapEvent: (gap: Gap) => AuditEvent;
}

interface Waiting extends Queued {
  readonly event: AuditEvent;
}

/** A delivery under way. */
interface Course extends DeliveryOptions {
  readonly queue: Queue<Waiting>;
  readonly gap: GapCounter;
  /** Rings when a round of deliveries is over. */
  readonly idle: Bell;
  /** Rings to end the wait for the next try. */
  readonly hurry: Bell;
  state: 'idle' | 'busy' | 'closed';
  /** Tries in a row that found the sink away. */
  failures: number;
  /** Events that the sink is writing now. */
  inFlight: number;
}

const batchBound: QueueBound = { events: 512, bytes: 512 * 1024 };
const everything: QueueBound = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const retryMaxMs = 30_000;

/** Starts the delivery to a sink: bounded, in order, and never silent about what it loses. */
export function startDelivery(options: DeliveryOptions): Delivery {
  const gap = createGapCounter(options.name);
  const queue = createQueue<Waiting>(options.bound, ({ event }) => lose(course, event, 'dropped'));
  const bells = { idle: createBell(), hurry: createBell() };
  const course: Course = { ...options, ...bells, queue, gap, state: 'idle', failures: 0, inFlight: 0 };
  return {
    offer: (event) => {
      if (course.state === 'closed') return lose(course, event, 'failed');
      const { sequence, kind, line } = event;
      queue.push({ sequence, droppable: kind === 'allow', bytes: Buffer.byteLength(line), event });
      if (course.state === 'idle') start(course);
    },
    lose: (event) => lose(course, event, 'dropped'),
    measure: () => measure(course),
    flush: async () => {
      if (course.state === 'idle' && gap.open) start(course);
      if (course.state !== 'busy') return;
      const settled = bells.idle.wait();
      bells.hurry.ring();
      await settled;
    },
    close: () => {
      course.state = 'closed';
      bells.hurry.ring();
      const events = queue.take(everything).length + course.inFlight;
      if (events > 0) options.signals.auditDelivered(options.name, 'dropped', events);
      measure(course);
      return { events, closed: options.sink.close() };
    },
  };
}

function lose({ gap, signals, name }: Course, event: Lost, outcome: 'dropped' | 'failed'): void {
  gap.add(event);
  signals.auditDelivered(name, outcome, 1);
}

const measure = ({ signals, name, queue }: Course): void => signals.auditQueued(name, queue.events, queue.bytes);

function start(course: Course): void {
  course.state = 'busy';
  queueMicrotask(() => void run(course)); // what is offered in the same turn goes in one batch
}

async function run(course: Course): Promise<void> {
  do await send(course);
  while (course.queue.events > 0 && course.state === 'busy');
  if (course.state === 'busy') course.state = 'idle';
  course.idle.ring();
  measure(course);
}

async function send(course: Course): Promise<void> {
  const { name, queue, gap, sink, log, signals } = course;
  const batch = queue.take(batchBound);
  const missing = gap.take();
  const events = batch.map(({ event }) => event);
  course.inFlight = events.length;
  const delivered = await write(sink, missing === undefined ? events : [course.gapEvent(missing), ...events]);
  course.inFlight = 0;
  if (delivered !== 'written') gap.restore(missing);
  switch (delivered) {
    case 'written':
      if (course.failures > 0) log.info({ sink: name }, 'an audit sink is back');
      course.failures = 0;
      return signals.auditDelivered(name, 'written', events.length);
    case 'away':
      queue.putBack(batch);
      return again(course);
    case 'refused':
      log.error({ sink: name, events: events.length }, 'an audit sink refused events for good');
      break;
    case 'closed':
      course.state = 'closed';
      log.error({ sink: name }, 'an audit sink is closed for good; its events are lost');
      break;
    default:
      delivered satisfies never;
  }
  for (const event of events) lose(course, event, 'failed');
}

// A sink that throws has a bug: trying the same batch again would only meet it again.
const write = (sink: Sink, batch: readonly AuditEvent[]): Promise<Delivered> =>
  sink.write(batch).catch(() => 'refused' as const);

async function again(course: Course): Promise<void> {
  const { name, log, retryMs, idle, hurry } = course;
  if (course.state === 'closed') return;
  if (course.failures === 0) log.warn({ sink: name }, 'an audit sink is away; its events wait');
  course.failures += 1;
  idle.ring(); // whoever flushes need not wait for a sink that is away
  await hurry.wait(Math.min(retryMs * 2 ** (course.failures - 1), retryMaxMs));
}
