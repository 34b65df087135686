import {
  bytes,
  type Cursor,
  closeAt,
  readEnd,
  reader,
  readNested,
  readText,
  readVarint,
  readWord,
  skip,
  varint,
} from './cursor.ts';

/** A google.protobuf.Duration or Timestamp in milliseconds. */
export function readMillis(cursor: Cursor): number {
  const end = readEnd(cursor);
  let seconds = 0;
  let nanos = 0;
  // Seven in each entry: read without a table.
  while (cursor.at < end) {
    const tag = readVarint(cursor);
    if (tag === 8) seconds = readVarint(cursor);
    else if (tag === 16) nanos = readVarint(cursor);
    else skip(cursor, tag);
  }
  closeAt(cursor, end);
  return seconds * 1000 + nanos / 1e6;
}

interface Place {
  address: string;
  port: number;
}
const socketAddress = reader<Place>({
  2: bytes((into, cursor) => {
    into.address = readWord(cursor);
  }),
  3: varint((into, cursor) => {
    into.port = readVarint(cursor);
  }),
});
const pipe = reader<Place>({
  1: bytes((into, cursor) => {
    into.address = `unix:${readText(cursor)}`;
  }),
});
const place = reader<Place>({
  1: bytes((into, cursor) => void readNested(cursor, socketAddress, into)),
  2: bytes((into, cursor) => void readNested(cursor, pipe, into)),
});
const readPlace = (cursor: Cursor): Place => readNested(cursor, place, { address: '', port: 0 });

/** The address of an envoy.config.core.v3.Address without its port. */
export const readAddress = (cursor: Cursor): string => readPlace(cursor).address;

/** The same with its port. */
export function readEndpoint(cursor: Cursor): string {
  const { address, port } = readPlace(cursor);
  if (port === 0) return address;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/**
 * Reads an entry of a map whose keys are texts; take hears of the key with the cursor at the value, of which it may read as
 * much as it wants. What has no value is passed over.
 */
export function readMapEntry<T>(cursor: Cursor, into: T, take: (into: T, key: string, cursor: Cursor) => void): void {
  const end = readEnd(cursor);
  let key = '';
  let value = -1;
  while (cursor.at < end) {
    const tag = readVarint(cursor);
    if (tag === 10) key = readWord(cursor);
    else {
      // The value may stand before its key.
      if (tag === 18) value = cursor.at;
      skip(cursor, tag);
    }
  }
  closeAt(cursor, end);
  if (value < 0) return;
  cursor.at = value;
  take(into, key, cursor);
  cursor.at = end;
}

/** The text of a google.protobuf.Value; empty where it holds something else. */
export function readStringValue(cursor: Cursor, read: (cursor: Cursor) => string): string {
  const end = readEnd(cursor);
  let text = '';
  while (cursor.at < end) {
    const tag = readVarint(cursor);
    if (tag === 26) text = read(cursor);
    else skip(cursor, tag);
  }
  closeAt(cursor, end);
  return text;
}
