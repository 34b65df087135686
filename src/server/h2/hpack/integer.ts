import { ConnectionError } from '../codes.ts';

/** A place in a header block that moves on as it is read. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
}

/** What is wrong with a header block: the tables of both sides are not the same any more, so the connection is over. */
export const broken = (why: string): ConnectionError => new ConnectionError('compressionError', why);

const longestShift = 21;

/** Reads an integer whose first bits are the lowest ones of the byte that was read last (RFC 7541 section 5.1). */
export function readInteger(cursor: Cursor, first: number, prefixBits: number): number {
  const most = (1 << prefixBits) - 1;
  const low = first & most;
  if (low < most) return low;
  let value = most;
  for (let shift = 0; shift <= longestShift; shift += 7) {
    if (cursor.at >= cursor.end) throw broken('a header block ends inside of an integer');
    const byte = cursor.bytes[cursor.at] ?? 0;
    cursor.at += 1;
    value += (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw broken('an integer of a header block is too large');
}

/** Writes an integer below the bits of `first`, and returns the place behind it. */
export function writeInteger(bytes: Buffer, from: number, first: number, prefixBits: number, value: number): number {
  const most = (1 << prefixBits) - 1;
  let at = from;
  if (value < most) {
    bytes[at] = first | value;
    return at + 1;
  }
  bytes[at] = first | most;
  at += 1;
  let rest = value - most;
  while (rest >= 0x80) {
    bytes[at] = (rest & 0x7f) | 0x80;
    at += 1;
    rest >>>= 7;
  }
  bytes[at] = rest;
  return at + 1;
}
