import { errorName } from '../core/bug.ts';
import type { Log } from '../core/ports.ts';
import type { Delivery } from './delivery.ts';
import type { Lost } from './gap.ts';
import type { AuditEvent } from './ocsf.ts';
import { createQueue, type QueueBound, type Queued } from './queue.ts';

/** Something that was recorded and is not encoded yet. */
interface Recorded {
  readonly kind: Lost['kind'];
  readonly timeMs: number;
  /** What it holds on to, roughly. */
  readonly bytes: number;
  readonly encode: (sequence: number) => AuditEvent;
}

/** Where records wait for a turn of the event loop in which they are encoded and handed to every delivery. */
interface Inbox {
  push(recorded: Recorded): void;
  /** Encodes everything now. */
  drain(): void;
}

interface Waiting extends Recorded, Queued {}

// One turn of the event loop encodes no more than this, so that no decision waits for long.
const turnMax: QueueBound = { events: 128, bytes: Number.POSITIVE_INFINITY };

/** An inbox in front of deliveries; it numbers what is pushed, so that readers can see what is missing. */
export function createInbox(bound: QueueBound, deliveries: readonly Delivery[], log: Log): Inbox {
  const lose = (lost: Lost): void => {
    for (const delivery of deliveries) delivery.lose(lost);
  };
  const queue = createQueue<Waiting>(bound, lose);
  let sequence = 0;
  let scheduled = false;

  const encodeSome = (): void => {
    for (const waiting of queue.take(turnMax)) {
      try {
        const event = waiting.encode(waiting.sequence);
        for (const delivery of deliveries) delivery.offer(event);
      } catch (error) {
        log.error({ error: errorName(error), sequence: waiting.sequence }, 'an audit event could not be encoded');
        lose(waiting);
      }
    }
    for (const delivery of deliveries) delivery.measure();
  };
  const turn = (): void => {
    scheduled = false;
    encodeSome();
    schedule();
  };
  const schedule = (): void => {
    if (scheduled || queue.events === 0) return;
    scheduled = true;
    setImmediate(turn);
  };
  return {
    push: (recorded) => {
      sequence += 1;
      queue.push({ ...recorded, sequence, droppable: recorded.kind === 'allow' });
      schedule();
    },
    drain: () => {
      while (queue.events > 0) encodeSome();
    },
  };
}
