import type { Buffer } from 'node:buffer';
import { below } from './collector.ts';
import { decodeUtf8 } from './decode.ts';
import { rowsOfText } from './rows-of-text.ts';

/** A text of a message, and the numbers of the fields that it stands in as an RFC 6901 pointer. */
interface WireText {
  readonly pointer: string;
  readonly text: string;
}

/** A message while it is read. */
interface Open {
  readonly bytes: Buffer;
  at: number;
  readonly pointer: string;
  readonly bounds: Bounds;
  readonly texts: WireText[];
  /** The numbers of the groups that have not ended. */
  readonly groups: number[];
  /** A number of it is made of letters: what calls itself a message may be a text. */
  lettered: boolean;
}

/** How many messages may stand within each other, and after how many texts nobody reads on. */
interface Bounds {
  readonly depth: number;
  readonly texts: number;
}

const control = /\p{Cc}/gu;
const controlInText = /[^\P{Cc}\t\r\n]/u;
const letters = /^[\t\r\n -~]+$/;

/** A varint; undefined: it is cut off, or longer than ten bytes. Beyond 53 bits it is not exact, and no key and no length is that large. */
function readVarint(open: Open): number | undefined {
  let value = 0;
  for (let place = 0; place < 10; place += 1) {
    const byte = open.bytes[open.at];
    if (byte === undefined) return undefined;
    open.at += 1;
    value += (byte & 0x7f) * 2 ** (7 * place);
    if (byte < 0x80) return value;
  }
  return undefined;
}

/** The next bytes; undefined: there are not so many. */
function take(open: Open, length: number): Buffer | undefined {
  if (length > open.bytes.length - open.at) return undefined;
  open.at += length;
  return open.bytes.subarray(open.at - length, open.at);
}

/** Bytes as a text that is searched, but of which nothing is said: what is between the letters is left out. */
function looseText(bytes: Buffer): string {
  const text = decodeUtf8(bytes);
  return text === undefined ? rowsOfText(bytes.toString('latin1')) : text.replaceAll('\0', '').replaceAll(control, ' ');
}

/** A field of stated length is a text, a message or bytes; without a schema it is looked at as each of them that it may be. */
function readDelimited(open: Open, pointer: string): boolean {
  const length = readVarint(open);
  const bytes = length === undefined ? undefined : take(open, length);
  if (bytes === undefined) return false;
  if (bytes.length === 0) return true;
  const { depth, texts } = open.bounds;
  const inner = depth === 0 ? undefined : textsOfMessage(bytes, pointer, { depth: depth - 1, texts });
  for (const text of inner ?? []) open.texts.push(text);
  const text = decodeUtf8(bytes);
  if (text !== undefined && !controlInText.test(text)) open.texts.push({ pointer, text });
  else if (inner === undefined) open.texts.push({ pointer, text: looseText(bytes) });
  return true;
}

function readNumber(open: Open, length: 4 | 8): boolean {
  const bytes = take(open, length);
  open.lettered ||= bytes !== undefined && letters.test(bytes.toString('latin1'));
  return bytes !== undefined;
}

/** Reads the field behind a key; false: it is none. */
function readField(open: Open, key: number): boolean {
  const number = Math.floor(key / 8);
  if (number === 0 || number >= 2 ** 29) return false;
  switch (key % 8) {
    case 0:
      return readVarint(open) !== undefined;
    case 1:
      return readNumber(open, 8);
    case 2:
      return readDelimited(open, below(open.pointer, number));
    case 3:
      return open.groups.push(number) > 0;
    case 4:
      return open.groups.pop() === number;
    case 5:
      return readNumber(open, 4);
    default:
      return false;
  }
}

/**
 * Every text in a message of Protocol Buffers of whose schema nothing is known, a few more than the bound where there are
 * more. Undefined where the bytes are no message. What stands deeper than the bound is one text.
 */
export function textsOfMessage(bytes: Buffer, pointer: string, bounds: Bounds): readonly WireText[] | undefined {
  const open: Open = { bytes, at: 0, pointer, bounds, texts: [], groups: [], lettered: false };
  while (open.at < bytes.length) {
    const key = readVarint(open);
    if (key === undefined || !readField(open, key)) return undefined;
    if (open.texts.length > bounds.texts) return open.texts;
  }
  if (open.groups.length > 0) return undefined;
  if (open.lettered) open.texts.push({ pointer, text: looseText(bytes) });
  return open.texts;
}
