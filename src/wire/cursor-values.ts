import { type Cursor, reader, readNested, readText, readVarint, readWord } from './cursor.ts';

interface Instant {
  seconds: number;
  nanos: number;
}
const instant = reader<Instant>({
  1: [
    'varint',
    (into, cursor) => {
      into.seconds = readVarint(cursor);
    },
  ],
  2: [
    'varint',
    (into, cursor) => {
      into.nanos = readVarint(cursor);
    },
  ],
});

/** A google.protobuf.Duration or Timestamp in milliseconds. */
export function readMillis(cursor: Cursor): number {
  const { seconds, nanos } = readNested(cursor, instant, { seconds: 0, nanos: 0 });
  return seconds * 1000 + nanos / 1e6;
}

interface Place {
  address: string;
  port: number;
}
const socketAddress = reader<Place>({
  2: [
    'bytes',
    (into, cursor) => {
      into.address = readWord(cursor);
    },
  ],
  3: [
    'varint',
    (into, cursor) => {
      into.port = readVarint(cursor);
    },
  ],
});
const pipe = reader<Place>({
  1: [
    'bytes',
    (into, cursor) => {
      into.address = `unix:${readText(cursor)}`;
    },
  ],
});
const place = reader<Place>({
  1: ['bytes', (into, cursor) => void readNested(cursor, socketAddress, into)],
  2: ['bytes', (into, cursor) => void readNested(cursor, pipe, into)],
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

interface Entry<V> {
  key: string;
  value: V | undefined;
}

/** An entry of a map whose keys are texts; read reads its value. */
export function mapEntry<V>(read: (cursor: Cursor) => V): (cursor: Cursor) => Entry<V> {
  const entry = reader<Entry<V>>({
    1: [
      'bytes',
      (into, cursor) => {
        into.key = readWord(cursor);
      },
    ],
    2: [
      'bytes',
      (into, cursor) => {
        into.value = read(cursor);
      },
    ],
  });
  return (cursor) => readNested(cursor, entry, { key: '', value: undefined });
}

const value = reader<{ text: string | undefined }>({
  3: [
    'bytes',
    (into, cursor) => {
      into.text = readWord(cursor);
    },
  ],
});
const readField = mapEntry((cursor) => readNested(cursor, value, { text: undefined }).text);
const texts = reader<Map<string, string>>({
  1: [
    'bytes',
    (into, cursor) => {
      const { key, value: said } = readField(cursor);
      if (said !== undefined && said !== '') into.set(key, said);
    },
  ],
});

/** The members of a google.protobuf.Struct that are texts, and not empty. */
export const readTexts = (cursor: Cursor): ReadonlyMap<string, string> => readNested(cursor, texts, new Map());
