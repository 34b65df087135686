/** A place in bytes that are read forward. */
export interface Cursor {
  readonly bytes: Buffer;
  /** The same bytes. */
  readonly view: DataView;
  at: number;
}

/** A cursor at the start of bytes. */
export const openCursor = ({ buffer, byteOffset, byteLength }: Uint8Array): Cursor => ({
  bytes: Buffer.from(buffer, byteOffset, byteLength),
  view: new DataView(buffer, byteOffset, byteLength),
  at: 0,
});

/** Reads a field behind its tag into what is being made of the message. */
type Take<T> = (into: T, cursor: Cursor) => void;

/** A field of a message. A field of another wire type is another field, and passed over. */
export type Field<T> = readonly [wireType: 0 | 2, take: Take<T>];

/** A number. */
export const varint = <T>(take: Take<T>): Field<T> => [0, take];

/** What has its length before it: a text, a message. */
export const bytes = <T>(take: Take<T>): Field<T> => [2, take];

/** Reads a message from the cursor to an end. Throws where the bytes are no protobuf. */
type Read<T> = (cursor: Cursor, end: number, into: T) => T;

function broken(): never {
  throw new RangeError('no protobuf');
}

/** An unsigned number of at most 64 bits; beyond 2^53 it is as exact as a double is. */
export function readVarint(cursor: Cursor): number {
  const { bytes, at } = cursor;
  // Most tags, lengths and numbers are of one byte or two.
  const first = bytes[at] ?? broken();
  cursor.at = at + 1;
  if (first < 0x80) return first;
  const second = bytes[at + 1] ?? broken();
  cursor.at = at + 2;
  if (second < 0x80) return (first & 0x7f) | (second << 7);
  let value = (first & 0x7f) | ((second & 0x7f) << 7);
  let scale = 2 ** 14;
  for (let count = 2; count < 10; count += 1) {
    const byte = bytes[at + count] ?? broken();
    cursor.at = at + count + 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  return broken();
}

/** The end of the field whose length stands next. */
export function readEnd(cursor: Cursor): number {
  const length = readVarint(cursor);
  const end = cursor.at + length;
  return end > cursor.bytes.length ? broken() : end;
}

/** Throws unless what was read of a message ends where the message does. */
export function closeAt(cursor: Cursor, end: number): void {
  if (cursor.at !== end) broken();
}

/** A text; what is no UTF-8 in it becomes U+FFFD. */
export function readText(cursor: Cursor): string {
  const end = readEnd(cursor);
  const text = cursor.bytes.toString('utf8', cursor.at, end);
  cursor.at = end;
  return text;
}

interface Word {
  readonly view: DataView;
  readonly text: string;
}
const words: (Word | undefined)[] = new Array(4096).fill(undefined);
const longestWord = 192;

/** A text that has probably been read before, like the name of a host: it is found again by its bytes instead of being decoded. */
export function readWord(cursor: Cursor): string {
  const end = readEnd(cursor);
  const { bytes, view, at } = cursor;
  cursor.at = end;
  const length = end - at;
  if (length < 4) return shortWord(bytes, at, length);
  if (length > longestWord) return bytes.toString('utf8', at, end);
  const slot = slotOf(view, at, end);
  const known = words[slot];
  if (known !== undefined && isAt(view, at, known.view, length)) return known.text;
  const text = bytes.toString('utf8', at, end);
  // A copy: the word outlives the message.
  words[slot] = { view: new DataView(Uint8Array.from(bytes.subarray(at, end)).buffer), text };
  return text;
}

const shortWords = new Map<number, string>();
const mostShortWords = 4096;

/** A word of at most three bytes: they are a number. */
function shortWord(bytes: Buffer, at: number, length: number): string {
  if (length === 0) return '';
  let number = length;
  for (let index = at; index < at + length; index += 1) number = (number << 8) | (bytes[index] ?? 0);
  const known = shortWords.get(number);
  if (known !== undefined) return known;
  const text = bytes.toString('utf8', at, at + length);
  if (shortWords.size < mostShortWords) shortWords.set(number, text);
  return text;
}

/** Where a word of at least four bytes is kept: by up to seven times four of them, the last four first. */
function slotOf(view: DataView, at: number, end: number): number {
  const length = end - at;
  const step = Math.max(4, length >>> 2);
  let mixed = length;
  for (let index = end - 4; index >= at; index -= step)
    mixed = Math.imul(mixed ^ view.getInt32(index), 0x9e3779b1) ^ (mixed >>> 15);
  return (mixed ^ (mixed >>> 12)) & 4095;
}

function isAt(view: DataView, at: number, word: DataView, length: number): boolean {
  if (word.byteLength !== length) return false;
  for (let index = 0; index < length - 4; index += 4)
    if (view.getInt32(at + index) !== word.getInt32(index)) return false;
  return view.getInt32(at + length - 4) === word.getInt32(length - 4);
}

/** Passes over the field behind its tag. */
export function skip(cursor: Cursor, tag: number): void {
  const type = tag & 7;
  if (type === 0) readVarint(cursor);
  else if (type === 2) cursor.at = readEnd(cursor);
  else if (type === 1 || type === 5) cursor.at += type === 1 ? 8 : 4;
  else broken();
}

/** A reader of these fields of a message: in the order of the bytes, a field that comes twice is taken twice. */
export function reader<T>(fields: Readonly<Record<number, Field<T>>>): Read<T> {
  const byTag: (Take<T> | undefined)[] = [];
  for (const [number, [wireType, take]] of Object.entries(fields)) byTag[Number(number) * 8 + wireType] = take;
  return (cursor, end, into) => {
    while (cursor.at < end) {
      const tag = readVarint(cursor);
      const take = byTag[tag];
      if (take === undefined) skip(cursor, tag);
      else take(into, cursor);
    }
    closeAt(cursor, end);
    return into;
  };
}

/** Reads the message that stands next, its length first. */
export const readNested = <T>(cursor: Cursor, read: Read<T>, into: T): T => read(cursor, readEnd(cursor), into);
