import { open } from 'node:fs/promises';
import { isObject } from '../../core/json.ts';
import type { AuditEvent } from '../ocsf.ts';
import { readRecord } from './record.ts';
import { type Lane, lanes, type Segment, type Shelf } from './shelf.ts';

/** Where a sink has come to in a lane. */
interface Position {
  /** Of a segment. */
  readonly number: number;
  readonly offset: number;
}

/** Where a sink has come to. */
export type Positions = Readonly<Record<Lane, Position>>;

/** What a walk comes to. */
export interface Found {
  readonly lane: Lane;
  readonly order: number;
  /** Undefined: something that can be read no more. */
  readonly event: AuditEvent | undefined;
  readonly bytes: number;
}

/** A walk through both lanes, in the order in which their records were written. */
interface Walk {
  readonly at: Positions;
  /** Bytes of records that are still to come. */
  readonly bytes: number;
  /** Whether what comes next could not be read just now. */
  readonly stuck: boolean;
  /** Undefined: nothing is there, or it cannot be read just now. */
  next(): Promise<Found | undefined>;
  /** Goes on after a segment; each: hears of all in it that is passed over. */
  skip(segment: Segment, each: (found: Found) => void): Promise<void>;
}

interface Ahead extends Found {
  readonly after: Position;
}

const chunkBytes = 256 * 1024;

/** Opens a walk from a place; tell: hears of what a segment holds and is no event. */
export function openWalk(shelf: Shelf, from: unknown, tell: (segment: Segment, why: string) => void): Walk {
  const at: Record<Lane, Position> = { allow: positionOf(from, 'allow'), kept: positionOf(from, 'kept') };
  const ahead: Record<Lane, Ahead[]> = { allow: [], kept: [] };
  let stuck = false;
  /** False: what comes next in the lane cannot be read just now. */
  const fill = async (lane: Lane): Promise<boolean> => {
    if (ahead[lane].length > 0) return true;
    const segment = shelf.segments[lane].find((one) => leftOf(one, at[lane]) > 0);
    if (segment === undefined) return true;
    const found = await readSome(segment, offsetIn(segment, at[lane]), tell);
    ahead[lane].push(...(found ?? []));
    return found !== undefined;
  };
  return {
    at,
    get bytes() {
      return lanes.reduce(
        (sum, lane) => sum + shelf.segments[lane].reduce((all, one) => all + leftOf(one, at[lane]), 0),
        0,
      );
    },
    get stuck() {
      return stuck;
    },
    next: async () => {
      stuck = false;
      // One lane alone would run ahead of the other's order.
      for (const lane of lanes) if (!(await fill(lane))) stuck = true;
      if (stuck) return undefined;
      const [allow, kept] = [ahead.allow[0], ahead.kept[0]];
      const lane = kept === undefined || (allow !== undefined && allow.order < kept.order) ? 'allow' : 'kept';
      const next = ahead[lane].shift();
      if (next !== undefined) at[lane] = next.after;
      return next;
    },
    skip: async (segment, each) => {
      const { lane, number } = segment;
      if (at[lane].number > number) return;
      let offset = offsetIn(segment, at[lane]);
      while (offset < segment.bytes) {
        // The segment goes: there is no later.
        const found = (await readSome(segment, offset, tell)) ?? [unreadable(segment, offset)];
        for (const one of found) each(one);
        offset = found.at(-1)?.after.offset ?? segment.bytes;
      }
      ahead[lane] = [];
      at[lane] = { number: number + 1, offset: 0 };
    },
  };
}

const offsetIn = ({ number }: Segment, at: Position): number => (number === at.number ? at.offset : 0);

const leftOf = ({ number, bytes }: Segment, at: Position): number =>
  number > at.number ? bytes : number === at.number ? Math.max(0, bytes - at.offset) : 0;

/** What stands from a place on, in whole records; undefined: it cannot be read just now. */
async function readSome(
  segment: Segment,
  offset: number,
  tell: (segment: Segment, why: string) => void,
): Promise<readonly Ahead[] | undefined> {
  const { lane, number } = segment;
  let bytes: Buffer;
  try {
    bytes = await readBytes(segment, offset);
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    tell(segment, gone ? 'is gone; it is left out' : 'cannot be read just now');
    return gone ? [unreadable(segment, offset)] : undefined;
  }
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole === 0) {
    tell(segment, 'ends in the middle of an event; it is left out');
    return [unreadable(segment, offset)];
  }
  const found: Ahead[] = [];
  let place = offset;
  const lines = bytes.subarray(0, whole - 1);
  for (let from = 0; from < whole; ) {
    const end = lines.indexOf(0x0a, from);
    const line = lines.subarray(from, end === -1 ? undefined : end);
    const length = line.byteLength + 1;
    from += length;
    place += length;
    const record = readRecord(line.toString());
    if (record === undefined) tell(segment, 'is damaged; it is left out');
    // What is damaged stays between the records around it.
    const { order, event } = record ?? { order: found.at(-1)?.order ?? 0, event: undefined };
    found.push({ lane, order, event, bytes: length, after: { number, offset: place } });
  }
  return found;
}

/** All of a segment from a place on, as something that can be read no more. */
const unreadable = ({ lane, number, bytes }: Segment, offset: number): Ahead => ({
  lane,
  order: 0,
  event: undefined,
  bytes: bytes - offset,
  after: { number, offset: bytes },
});

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
