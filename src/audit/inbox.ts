import { errorName } from '../core/bug.ts';
import type { Log } from '../core/ports.ts';
import type { Lost } from './gap.ts';
import type { AuditEvent } from './ocsf.ts';
import { createQueue, type QueueBound, type Queued } from './queue.ts';
import type { OnKept } from './spool/spool.ts';

/** Something that was recorded and is not encoded yet. */
interface Recorded {
  readonly kind: Lost['kind'];
  readonly timeMs: number;
  /** What it holds on to, roughly. */
  readonly bytes: number;
  readonly encode: (sequence: number) => AuditEvent;
  /** Hears whether it is on disk; undefined: nobody waits for that. */
  readonly onKept?: OnKept | undefined;
}

/** Where encoded events go. */
export interface Outlet {
  offer(event: AuditEvent, onKept: OnKept | undefined): void;
  /** An event is lost to every sink. */
  lose(lost: Lost): void;
  measure(): void;
}

/** Where records wait for a turn of the event loop in which they are encoded and handed on. */
interface Inbox {
  push(recorded: Recorded): void;
  /** Encodes everything now. */
  drain(): void;
}

interface Waiting extends Recorded, Queued {}

// One turn of the event loop encodes no more than this, so that no decision waits for long.
const turnMax: QueueBound = { events: 128, bytes: Number.POSITIVE_INFINITY };

/** An inbox in front of an outlet; it numbers what is pushed, so that readers can see what is missing. */
export function createInbox(bound: QueueBound, outlet: Outlet, log: Log): Inbox {
  const lose = (lost: Waiting): void => {
    lost.onKept?.(false);
    outlet.lose(lost);
  };
  const queue = createQueue<Waiting>(bound, lose);
  let sequence = 0;
  let scheduled = false;

  const encodeSome = (): void => {
    for (const waiting of queue.take(turnMax)) {
      try {
        outlet.offer(waiting.encode(waiting.sequence), waiting.onKept);
      } catch (error) {
        log.error({ error: errorName(error), sequence: waiting.sequence }, 'an audit event could not be encoded');
        lose(waiting);
      }
    }
    outlet.measure();
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
