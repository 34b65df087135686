import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorName } from '../../core/bug.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/ports.ts';
import type { Lost } from '../gap.ts';
import type { AuditEvent } from '../ocsf.ts';
import { batchBound, type Source } from '../source.ts';
import { openCursor } from './cursor.ts';
import type { Segment, Shelf } from './shelf.ts';
import { type Found, openWalk, type Positions } from './walk.ts';

/** What one sink reads of the spool. */
export interface SpoolReader extends Source {
  /** Whether the sink needs a segment no more. */
  passed(segment: Segment): boolean;
  /** A segment must go: what the sink has not had of it is lost. Resolves when that is counted. */
  skip(segment: Segment): Promise<void>;
  /** Resolves when the place where the sink has come to is on disk. */
  saved(): Promise<void>;
}

/** What a reader needs. */
interface SpoolReaderOptions {
  readonly shelf: Shelf;
  /** Names the sink over restarts. */
  readonly name: string;
  readonly accepts: (event: AuditEvent) => boolean;
  readonly shape: (event: AuditEvent) => AuditEvent;
  readonly lose: (event: Lost) => void;
  /** The sink has moved on: segments may be needed no more. */
  readonly moved: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

const guessBytes = 1500;
const turnMax = 64;

/** Opens what a sink reads; it goes on from where it was. */
export function openSpoolReader(options: SpoolReaderOptions): SpoolReader {
  const { shelf, name, accepts, shape, lose, moved, log } = options;
  const cursor = openCursor(join(shelf.folder, `${name}.cursor`));
  const walk = openWalk(shelf, cursor.kept, ({ path }, why) =>
    log.error({ sink: name, segment: path }, `what an audit spool holds ${why}`),
  );
  // Segments that are gone have had their numbers: a new one below our place would count as read.
  shelf.next = Math.max(shelf.next, walk.at.allow.number + 1, walk.at.kept.number + 1);
  let saved: Positions = { ...walk.at };
  // Nothing is passed over while a batch is put together.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };
  const sound = openSieve(options);
  const shaped = (event: AuditEvent): AuditEvent | undefined => {
    try {
      return shape(event);
    } catch (error) {
      log.error({ sink: name, error: errorName(error) }, 'an audit event could not be written as its sink wants it');
      lose(event);
      return undefined;
    }
  };
  const take = async (): Promise<readonly AuditEvent[]> => {
    const batch: AuditEvent[] = [];
    let bytes = 0;
    while (batch.length < batchBound.events && bytes < batchBound.bytes) {
      const next = await walk.next();
      if (next === undefined) break;
      const found = sound(next);
      const event = found !== undefined && accepts(found) ? shaped(found) : undefined;
      if (event === undefined) continue;
      bytes += Buffer.byteLength(event.line);
      batch.push(event);
      // Decisions come first: none waits for a whole batch.
      if (batch.length % turnMax === 0) await nextTurn();
    }
    return batch;
  };
  const pass = (found: Found): void => {
    const event = sound(found);
    if (event !== undefined && accepts(event)) lose(event);
  };
  return {
    get events() {
      return countOf(shelf, walk.bytes);
    },
    get bytes() {
      return walk.bytes;
    },
    get stuck() {
      return walk.stuck;
    },
    offer: () => {},
    take: () => inTurn(take),
    settle: () => {
      const { allow, kept } = walk.at;
      if (allow === saved.allow && kept === saved.kept) return;
      saved = { allow, kept };
      cursor.save(saved);
      moved();
    },
    passed: ({ lane, number, bytes }) =>
      saved[lane].number > number || (saved[lane].number === number && saved[lane].offset >= bytes),
    skip: (segment) => inTurn(() => walk.skip(segment, pass)),
    saved: cursor.saved,
    close: () => 0,
  };
}

/** How many records so many bytes hold. Nobody counts what other processes have left: by a record's length on average. */
const countOf = ({ added: { events, bytes } }: Shelf, held: number): number =>
  Math.ceil((held * Math.max(1, events)) / Math.max(guessBytes, bytes));

/** Gives the event that was found; what can be read no more is lost, as many as its bytes would hold. */
function openSieve({ shelf, clock, lose }: SpoolReaderOptions): (found: Found) => AuditEvent | undefined {
  // What cannot be read has no place and time: it is told as if it stood beside what was read last.
  let near = { sequence: 0, timeMs: clock.nowMs() };
  return ({ event, lane, bytes }) => {
    if (event !== undefined) {
      near = { sequence: event.sequence, timeMs: event.timeMs };
      return event;
    }
    const kind = lane === 'allow' ? 'allow' : 'deny';
    for (let left = countOf(shelf, bytes); left > 0; left -= 1) lose({ kind, ...near });
    return undefined;
  };
}
