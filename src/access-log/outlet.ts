import type { AccessEntry } from '../core/access-entry.ts';
import { type Bell, createBell } from '../core/bell.ts';
import { settleWithin } from '../core/patience.ts';
import type { AccessRecordCounts, Log } from '../core/ports.ts';

/** Where records go: takes a batch at a time. Never rejects. closed: it will never take anything again. */
export interface RecordSink<T> {
  write(batch: readonly T[]): Promise<'written' | 'away' | 'refused' | 'closed'>;
  /** Why it was away last, in a word; undefined where it does not know. */
  trouble?(): string | undefined;
  close(): Promise<void>;
}

/** What an outlet needs. */
export interface OutletOptions<T> {
  readonly name: string;
  readonly sink: RecordSink<T>;
  readonly encode: (entry: AccessEntry) => T;
  /** What was counted for this sink before. */
  readonly before: AccessRecordCounts | undefined;
  readonly log: Log;
  readonly bound?: OutletBound;
  /** At most so many records are written at once. */
  readonly batchRecords?: number;
  /** Milliseconds before the second try; each further one waits twice as long, half a minute at most. */
  readonly retryMs?: number;
  /** So long a record waits for others, to be written with them. */
  readonly lullMs?: number;
}

/** How much may wait. */
interface OutletBound {
  readonly records: number;
  /** As records weigh, roughly. */
  readonly bytes: number;
}

/** Takes records to one sink in the background: bounded, in their order, and never silent about what it loses. */
export interface Outlet {
  /** Takes a request, or counts it as dropped where there is no room; routine: it went well, and leaves the last quarter of the room to those that did not. */
  offer(entry: AccessEntry, routine: boolean): void;
  counts(): AccessRecordCounts;
  /** Writes what waits, in at most boundMs, and closes the sink; what could not be written is counted. */
  finish(boundMs: number): Promise<void>;
}

const defaultBound: OutletBound = { records: 16_384, bytes: 16 * 1024 ** 2 };
const retryMaxMs = 30_000;
const routineShare = 0.75;

/** An outlet at work. */
interface Course<T> extends Required<OutletOptions<T>> {
  readonly counts: { written: number; dropped: number; failed: number };
  readonly queue: { readonly record: T; readonly bytes: number }[];
  /** Of the queue and of what is under way. */
  bytes: number;
  underWay: number;
  state: 'open' | 'ending' | 'closed';
  running: Promise<void> | undefined;
  /** Ends the wait for more records. */
  readonly enough: Bell;
  /** Ends the wait for the next try. */
  readonly hurry: Bell;
}

/** Opens the way to a sink. */
export function openOutlet<T>(options: OutletOptions<T>): Outlet {
  const { name, before } = options;
  const course: Course<T> = {
    bound: defaultBound,
    batchRecords: 128,
    retryMs: 500,
    lullMs: 200,
    ...options,
    // What waited in a thread that has failed went with it.
    counts: {
      written: before?.written ?? 0,
      dropped: before?.dropped ?? 0,
      failed: (before?.failed ?? 0) + (before?.waiting ?? 0),
    },
    queue: [],
    bytes: 0,
    underWay: 0,
    state: 'open',
    running: undefined,
    enough: createBell(),
    hurry: createBell(),
  };
  return {
    offer: (entry, routine) => offer(course, entry, routine),
    counts: () => ({ sink: name, ...course.counts, waiting: course.queue.length + course.underWay }),
    finish: async (boundMs) => {
      if (course.state === 'open') course.state = 'ending';
      course.enough.ring();
      course.hurry.ring();
      await settleWithin(Promise.resolve(course.running).then(course.sink.close), boundMs);
      course.state = 'closed';
      course.counts.failed += course.queue.splice(0).length + course.underWay;
      course.underWay = 0;
    },
  };
}

function offer<T>(course: Course<T>, entry: AccessEntry, routine: boolean): void {
  const { queue, bound, batchRecords, encode, counts } = course;
  const share = routine ? routineShare : 1;
  const bytes = weightOf(entry);
  const full = queue.length + course.underWay >= bound.records * share || course.bytes + bytes > bound.bytes * share;
  if (full || course.state !== 'open') {
    counts.dropped += 1;
    return;
  }
  queue.push({ record: encode(entry), bytes });
  course.bytes += bytes;
  if (queue.length === batchRecords) course.enough.ring();
  course.running ??= run(course);
}

async function run<T>(course: Course<T>): Promise<void> {
  const { queue, counts, enough, batchRecords, lullMs } = course;
  while (queue.length > 0 && course.state !== 'closed') {
    if (queue.length < batchRecords && course.state === 'open') await enough.wait(lullMs);
    const batch = queue.splice(0, batchRecords);
    course.underWay = batch.length;
    const written = await write(
      course,
      batch.map(({ record }) => record),
    );
    // Who was out of patience has counted what is under way.
    counts[written ? 'written' : 'failed'] += course.underWay;
    course.underWay = 0;
    for (const one of batch) course.bytes -= one.bytes;
  }
  counts.failed += queue.splice(0).length;
  course.running = undefined;
}

/** Writes a batch, again and again while the sink is away. Resolves with whether the sink has it. */
async function write<T>(course: Course<T>, batch: readonly T[]): Promise<boolean> {
  const { name, sink, log, retryMs, hurry } = course;
  for (let failures = 0; ; failures += 1) {
    // A sink that throws has a bug: trying the same batch again would only meet it again.
    const delivered = await sink.write(batch).catch(() => 'refused' as const);
    if (delivered === 'written') {
      if (failures > 0) log.info({ sink: name }, 'a sink of the access log is back');
      return true;
    }
    if (delivered === 'closed' || (delivered === 'away' && course.state !== 'open')) course.state = 'closed';
    if (delivered !== 'away' || course.state === 'closed') {
      log.error({ sink: name, records: batch.length, delivered }, 'a sink of the access log did not take records');
      return false;
    }
    if (failures === 0)
      log.warn({ sink: name, trouble: sink.trouble?.() }, 'a sink of the access log is away; its records wait');
    await hurry.wait(Math.min(retryMs * 2 ** failures, retryMaxMs));
  }
}

// What is written of every request, and the texts that clients choose.
const leastBytes = 1024;
const weightOf = ({ request, client }: AccessEntry): number =>
  leastBytes + request.path.length + request.host.length + client.userAgent.length;
