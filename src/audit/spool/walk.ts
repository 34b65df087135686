import { open } from 'node:fs/promises';
import { isObject } from '../../core/json.ts';
import type { AuditEvent } from '../ocsf.ts';
import { readRecord, type SpoolRecord } from './record.ts';
import { type Lane, lanes, type Segment, type Shelf } from './shelf.ts';

/** Where a sink has come to in a lane. */
interface Position {
  /** Of a segment. */
  readonly number: number;
  readonly offset: number;
}

/** Where a sink has come to. */
export type Positions = Readonly<Record<Lane, Position>>;

/** A walk through both lanes, in the order in which their records were written. */
interface Walk {
  readonly at: Positions;
  /** Bytes of records that are still to come. */
  readonly bytes: number;
  next(): Promise<SpoolRecord | undefined>;
  /** Goes on after a segment; each: hears of every event in it that is passed over. */
  skip(segment: Segment, each: (event: AuditEvent) => void): Promise<void>;
}

interface Ahead extends SpoolRecord {
  readonly after: Position;
}

const chunkBytes = 256 * 1024;

/** Opens a walk from a place; tell: hears of what a segment holds and is no event. */
export function openWalk(shelf: Shelf, from: unknown, tell: (segment: Segment, why: string) => void): Walk {
  const at: Record<Lane, Position> = { allow: positionOf(from, 'allow'), kept: positionOf(from, 'kept') };
  const ahead: Record<Lane, Ahead[]> = { allow: [], kept: [] };
  const fill = async (lane: Lane): Promise<void> => {
    while (ahead[lane].length === 0) {
      const segment = shelf.segments[lane].find((one) => leftOf(one, at[lane]) > 0);
      if (segment === undefined) return;
      const offset = segment.number === at[lane].number ? at[lane].offset : 0;
      const { records, end } = await readSome(segment, offset, tell);
      ahead[lane].push(...records);
      if (records.length === 0) at[lane] = { number: segment.number, offset: end };
    }
  };
  return {
    at,
    get bytes() {
      return lanes.reduce(
        (sum, lane) => sum + shelf.segments[lane].reduce((all, one) => all + leftOf(one, at[lane]), 0),
        0,
      );
    },
    next: async () => {
      for (const lane of lanes) await fill(lane);
      const [allow, kept] = [ahead.allow[0], ahead.kept[0]];
      const lane = kept === undefined || (allow !== undefined && allow.order < kept.order) ? 'allow' : 'kept';
      const next = ahead[lane].shift();
      if (next !== undefined) at[lane] = next.after;
      return next;
    },
    skip: async (segment, each) => {
      const { lane, number } = segment;
      if (at[lane].number > number) return;
      let offset = at[lane].number === number ? at[lane].offset : 0;
      while (offset < segment.bytes) {
        const { records, end } = await readSome(segment, offset, tell);
        for (const { event } of records) each(event);
        offset = end;
      }
      ahead[lane] = [];
      at[lane] = { number: number + 1, offset: 0 };
    },
  };
}

const leftOf = ({ number, bytes }: Segment, at: Position): number =>
  number > at.number ? bytes : number === at.number ? Math.max(0, bytes - at.offset) : 0;

/** Whole records from a place on, and where to go on after them. */
async function readSome(
  segment: Segment,
  offset: number,
  tell: (segment: Segment, why: string) => void,
): Promise<{ readonly records: Ahead[]; readonly end: number }> {
  const { number, bytes: end } = segment;
  let bytes: Buffer;
  try {
    bytes = await readBytes(segment, offset);
  } catch {
    tell(segment, 'cannot be read');
    return { records: [], end };
  }
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole === 0) {
    tell(segment, 'ends in the middle of an event');
    return { records: [], end };
  }
  const records: Ahead[] = [];
  let place = offset;
  for (const text of bytes
    .subarray(0, whole - 1)
    .toString()
    .split('\n')) {
    place += Buffer.byteLength(text) + 1;
    const record = readRecord(text);
    if (record === undefined) tell(segment, 'is damaged');
    else records.push({ ...record, after: { number, offset: place } });
  }
  const last = records.pop();
  // What is damaged after it is passed with it.
  if (last !== undefined) records.push({ ...last, after: { number, offset: place } });
  return { records, end: offset + whole };
}

/** A chunk from a place on; a longer one where a record is longer. */
async function readBytes({ path, bytes: size }: Segment, offset: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    for (let length = chunkBytes; ; length *= 4) {
      const wanted = Math.min(length, size - offset);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(wanted), 0, wanted, offset);
      const bytes = buffer.subarray(0, bytesRead);
      if (bytes.includes(0x0a) || length >= size - offset) return bytes;
    }
  } finally {
    await handle.close();
  }
}

function positionOf(from: unknown, lane: Lane): Position {
  const said = isObject(from) ? from[lane] : undefined;
  const { number, offset } = isObject(said) ? said : {};
  return typeof number === 'number' && typeof offset === 'number' ? { number, offset } : { number: 0, offset: 0 };
}
