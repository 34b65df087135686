import { type Bell, createBell } from '../../core/bell.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/ports.ts';
import type { Lost } from '../gap.ts';
import type { AuditEvent } from '../ocsf.ts';
import { createQueue, type Queue, type QueueBound, type Queued } from '../queue.ts';
import { batchBound, type OpenSource } from '../source.ts';
import type { View } from '../view.ts';
import { openSpoolReader, type SpoolReader } from './reader.ts';
import { disown, lanes, openShelf, removeSegment, type Shelf } from './shelf.ts';
import { openWriter, type SyncPolicy, segmentBytesOf, type Writer } from './writer.ts';

/** How a spool is kept. */
export interface SpoolConfig {
  readonly folder: string;
  readonly maxBytes: number;
  readonly sync: SyncPolicy;
}

/** Hears whether an event is on disk. */
export type OnKept = (kept: boolean) => void;

/** Events on disk until every sink has had them, over restarts too. Nothing here throws or rejects. */
export interface Spool {
  append(event: AuditEvent, onKept?: OnKept): void;
  /** What a sink reads; name tells it from others over restarts. */
  source(name: string, view: View): OpenSource;
  /** Resolves when all that was appended is on disk, or cannot be written just now. */
  flush(): Promise<void>;
  /** How many events have not come to disk yet. */
  readonly waiting: number;
  /** Ends it: what has not come to disk is lost. */
  close(): Promise<void>;
}

/** What a spool needs. */
interface SpoolOptions extends SpoolConfig {
  /** What may wait for the disk. */
  readonly bound: QueueBound;
  readonly retryMs: number;
  /** Whether nothing that waits for a sink may go: who insists is refused while the spool is full. */
  readonly strict: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Events have come to disk. */
  readonly kept: () => void;
  /** An event is lost to every sink. */
  readonly lose: (event: Lost) => void;
}

interface Waiting extends Queued {
  readonly event: AuditEvent;
  readonly onKept: OnKept | undefined;
}

const retryMaxMs = 5000;

/** A spool at work. */
interface Course extends SpoolOptions {
  readonly shelf: Shelf;
  readonly writer: Writer;
  readonly readers: SpoolReader[];
  readonly queue: Queue<Waiting>;
  /** Rings when a round of writes is over. */
  readonly idle: Bell;
  /** Rings to end the wait for the next try. */
  readonly hurry: Bell;
  state: 'idle' | 'busy' | 'closed';
  /** Writes in a row that failed. */
  failures: number;
}

/** Opens a spool and goes on with what is left in it. Throws as openShelf does. */
export function openSpool(options: SpoolOptions): Spool {
  const shelf = openShelf(options.folder);
  const giveUp = (waiting: Waiting): void => giveUpOn(waiting, options);
  const course: Course = {
    ...options,
    shelf,
    writer: openWriter(shelf, options),
    readers: [],
    queue: createQueue<Waiting>(options.bound, giveUp),
    idle: createBell(),
    hurry: createBell(),
    state: 'idle',
    failures: 0,
  };
  const { queue, readers, idle, hurry, writer, clock, log } = course;
  return {
    append: (event, onKept) => {
      const { sequence, kind, line } = event;
      const waiting = { sequence, droppable: kind === 'allow', bytes: Buffer.byteLength(line), event, onKept };
      if (course.state === 'closed') giveUp(waiting);
      else queue.push(waiting);
      begin(course);
      // Who waits for an answer need not wait for the next try.
      if (onKept !== undefined) hurry.ring();
    },
    source: (name, { accepts, shape }) => {
      return (lose) => {
        const moved = (): void => release(course);
        const reader = openSpoolReader({ shelf, name, accepts, shape, lose, moved, clock, log });
        readers.push(reader);
        return reader;
      };
    },
    get waiting() {
      return queue.events;
    },
    flush: async () => {
      begin(course);
      if (course.state !== 'busy') return;
      const settled = idle.wait();
      hurry.ring();
      await settled;
    },
    close: async () => {
      course.state = 'closed';
      hurry.ring();
      await Promise.all([writer.end(), ...readers.map((reader) => reader.saved())]);
      disown(shelf.folder);
    },
  };
}

function giveUpOn({ event, onKept }: Waiting, { lose }: SpoolOptions): void {
  onKept?.(false);
  lose(event);
}

function begin(course: Course): void {
  if (course.state !== 'idle') return;
  course.state = 'busy';
  queueMicrotask(() => void run(course));
}

async function run(course: Course): Promise<void> {
  while (course.queue.events > 0 && course.state === 'busy') await write(course);
  if (course.state === 'busy') course.state = 'idle';
  course.idle.ring();
}

async function write(course: Course): Promise<void> {
  const { queue, writer, log, shelf, kept, idle, hurry, retryMs, maxBytes, strict } = course;
  // No more than a segment, of which a small spool has small ones.
  const taken = queue.take({ ...batchBound, bytes: Math.min(batchBound.bytes, segmentBytesOf(maxBytes)) });
  const full = strict && isFull(course);
  const failed = full ? new Set(taken) : await writer.append(taken);
  for (const waiting of taken) if (!failed.has(waiting)) waiting.onKept?.(true);
  if (failed.size < taken.length) {
    if (!strict) await makeRoom(course);
    kept();
  }
  if (failed.size === 0) {
    if (course.failures > 0) log.info({}, 'the audit spool can be written again');
    course.failures = 0;
    return;
  }
  if (course.failures === 0)
    log.error({ folder: shelf.folder }, `the audit spool ${full ? 'is full' : 'cannot be written'}`);
  course.failures += 1;
  release(course);
  // Whoever waits is told now, and what is refused must not be recorded as if it had been let in.
  for (const waiting of failed) if (waiting.onKept !== undefined) giveUpOn(waiting, course);
  queue.putBack([...failed].filter(({ onKept }) => onKept === undefined));
  idle.ring();
  if (queue.events > 0) await hurry.wait(Math.min(retryMs * 2 ** (course.failures - 1), retryMaxMs));
}

/** Removes the segments that every sink has had. */
function release({ shelf, readers }: Course): void {
  const done = lanes.flatMap((lane) =>
    shelf.segments[lane].filter((segment) => segment.closed && readers.every((reader) => reader.passed(segment))),
  );
  for (const segment of done) void removeSegment(shelf, segment);
}

/** Whether there is no room, even without what every sink has had. */
function isFull(course: Course): boolean {
  release(course);
  return isTooLarge(course);
}

/** Removes the oldest segments of a spool that is too large, allows first, and tells each sink what it loses. */
async function makeRoom(course: Course): Promise<void> {
  const { shelf, writer, readers, log } = course;
  while (isTooLarge(course)) {
    const victim = shelf.segments.allow[0] ?? shelf.segments.kept[0];
    if (victim === undefined) return;
    await writer.close(victim);
    for (const reader of readers) await reader.skip(victim);
    await removeSegment(shelf, victim);
    log.error({ segment: victim.path }, 'the audit spool is full; its oldest events are lost');
  }
}

const isTooLarge = ({ shelf, maxBytes }: Course): boolean =>
  lanes.flatMap((lane) => shelf.segments[lane]).reduce((sum, { bytes }) => sum + bytes, 0) > maxBytes;
