/** A place in bytes that are read forward. */
export interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

/** Reads a field behind its tag into what is being made of the message. */
type Take<T> = (into: T, cursor: Cursor) => void;

/** A field of a message. A field of another wire type is another field, and passed over. */
export type Field<T> = readonly [wireType: 'varint' | 'bytes', take: Take<T>];

/** Reads a message from the cursor to an end. Throws where the bytes are no protobuf. */
type Read<T> = (cursor: Cursor, end: number, into: T) => T;

const wireTypes = { varint: 0, bytes: 2 } as const;

function broken(): never {
  throw new RangeError('no protobuf');
}

/** An unsigned number of at most 64 bits; beyond 2^53 it is as exact as a double is. */
export function readVarint(cursor: Cursor): number {
  const { bytes } = cursor;
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 10; count += 1) {
    const byte = bytes[cursor.at] ?? broken();
    cursor.at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  return broken();
}

/** The end of the field whose length stands next. */
function readEnd(cursor: Cursor): number {
  const length = readVarint(cursor);
  const end = cursor.at + length;
  return end > cursor.bytes.length ? broken() : end;
}

/** A text; what is no UTF-8 in it becomes U+FFFD. */
export function readText(cursor: Cursor): string {
  const end = readEnd(cursor);
  const text = cursor.bytes.toString('utf8', cursor.at, end);
  cursor.at = end;
  return text;
}

interface Word {
  readonly bytes: Buffer;
  readonly text: string;
}
const words: (Word | undefined)[] = new Array(4096).fill(undefined);
const longestWord = 128;

/** A text that has probably been read before, like the name of a host: it is found again by its bytes instead of being decoded. */
export function readWord(cursor: Cursor): string {
  const end = readEnd(cursor);
  const { bytes, at } = cursor;
  cursor.at = end;
  const length = end - at;
  if (length > longestWord) return bytes.toString('utf8', at, end);
  let mixed = length;
  for (let index = at; index < end; index += 1) mixed = Math.imul(mixed ^ (bytes[index] ?? 0), 0x01000193);
  const slot = (mixed ^ (mixed >>> 15)) & 4095;
  const known = words[slot];
  if (known !== undefined && isAt(bytes, at, known.bytes, length)) return known.text;
  const copy = Buffer.from(bytes.subarray(at, end));
  const text = copy.toString('utf8');
  words[slot] = { bytes: copy, text };
  return text;
}

function isAt(bytes: Buffer, at: number, word: Buffer, length: number): boolean {
  if (word.length !== length) return false;
  for (let index = 0; index < length; index += 1) if (bytes[at + index] !== word[index]) return false;
  return true;
}

function skip(cursor: Cursor, tag: number): void {
  const type = tag & 7;
  if (type === 0) readVarint(cursor);
  else if (type === 2) cursor.at = readEnd(cursor);
  else if (type === 1 || type === 5) cursor.at += type === 1 ? 8 : 4;
  else broken();
}

/** A reader of these fields of a message: in the order of the bytes, a field that comes twice is taken twice. */
export function reader<T>(fields: Readonly<Record<number, Field<T>>>): Read<T> {
  const byTag: (Take<T> | undefined)[] = [];
  for (const [number, [wireType, take]] of Object.entries(fields))
    byTag[Number(number) * 8 + wireTypes[wireType]] = take;
  return (cursor, end, into) => {
    while (cursor.at < end) {
      const tag = readVarint(cursor);
      const take = byTag[tag];
      if (take === undefined) skip(cursor, tag);
      else take(into, cursor);
    }
    return cursor.at === end ? into : broken();
  };
}

/** Reads the message that stands next, its length first. */
export const readNested = <T>(cursor: Cursor, read: Read<T>, into: T): T => read(cursor, readEnd(cursor), into);
