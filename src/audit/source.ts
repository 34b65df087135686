import type { Lost } from './gap.ts';
import type { AuditEvent } from './ocsf.ts';
import { createQueue, type QueueBound, type Queued } from './queue.ts';

/** Where the events of one delivery wait. */
export interface Source {
  /** What waits and has not been taken. */
  readonly events: number;
  readonly bytes: number;
  /** Whether what waits could not be taken just now. */
  readonly stuck: boolean;
  /** Adds an event, where it is this source that keeps it. */
  offer(event: AuditEvent): void;
  /** The oldest events, no more than go in one batch; empty: none waits. Called again only after settle. Never rejects. */
  take(): readonly AuditEvent[] | Promise<readonly AuditEvent[]>;
  /** What was taken need not come again. */
  settle(): void;
  /** Ends it; gives the number of events that are lost with it. */
  close(): number;
}

/** Opens a source; lose hears of every event that had to go. */
export type OpenSource = (lose: (event: Lost) => void) => Source;

interface Waiting extends Queued {
  readonly event: AuditEvent;
}

/** What goes to a sink at once. */
export const batchBound: QueueBound = { events: 512, bytes: 512 * 1024 };

/** A source in memory: when it is full the oldest allows go first. */
export const openMemory =
  (bound: QueueBound, shape: (event: AuditEvent) => AuditEvent): OpenSource =>
  (lose) => {
    const queue = createQueue<Waiting>(bound, ({ event }) => lose(event));
    let taken = 0;
    return {
      get events() {
        return queue.events;
      },
      get bytes() {
        return queue.bytes;
      },
      stuck: false,
      offer: (event) => {
        const { sequence, kind } = event;
        const shaped = shape(event);
        queue.push({ sequence, droppable: kind === 'allow', bytes: Buffer.byteLength(shaped.line), event: shaped });
      },
      take: () => {
        const batch = queue.take(batchBound);
        taken = batch.length;
        return batch.map(({ event }) => event);
      },
      settle: () => {
        taken = 0;
      },
      close: () => queue.events + taken,
    };
  };
