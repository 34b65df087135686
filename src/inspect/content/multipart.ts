import { Buffer } from 'node:buffer';
import type { Json } from '../../core/json.ts';
import { type Collector, collect, excessive, malformed } from './collector.ts';
import type { ContentLimits, Part, ReadFormat, Unreadable } from './content.ts';
import { decodeUtf8 } from './decode.ts';
import { formatOf } from './format.ts';
import { collectJson, parseJson } from './json.ts';
import { isForbiddenName, objectOf, pointersOf } from './pairs.ts';
import { type PartHead, parsePartHead } from './part-header.ts';

const maxHeadBytes = 4096;
const crlf = '\r\n';

/** A part whose head was read, with what is between the head and the next delimiter. */
type OpenPart = PartHead & { readonly bytes: Uint8Array };

/**
 * Cuts a body at its delimiters. Whatever looks like the delimiter is one: it stands at the beginning of the body or after a
 * CRLF, and before a CRLF, or closes the body; nothing stands before the first or behind the last but one CRLF.
 */
function cut(body: Buffer, boundary: string, maxParts: number): readonly Buffer[] | Unreadable {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Buffer[] = [];
  if (!body.subarray(0, delimiter.length).equals(delimiter)) return malformed('boundary');
  for (let at = 0; ; ) {
    const start = at + delimiter.length;
    const mark = body.toString('latin1', start, start + 2);
    if (mark === '--') {
      const rest = body.toString('latin1', start + 2, start + 5);
      return rest === '' || rest === crlf ? parts : malformed('epilogue');
    }
    if (mark !== crlf) return malformed('boundary');
    if (parts.length >= maxParts) return excessive('too_many_parts');
    const next = body.indexOf(delimiter, start + 2);
    if (next < 0) return malformed('unclosed');
    if (next < start + 4 || body.toString('latin1', next - 2, next) !== crlf) return malformed('boundary');
    parts.push(body.subarray(start + 2, next - 2));
    at = next;
  }
}

/** Reads the head of a part, and finds where its content begins. */
function open(part: Buffer): OpenPart | string {
  const end = part.indexOf('\r\n\r\n');
  if (end < 0) return 'part_header';
  if (end > maxHeadBytes) return 'part_header';
  const head = parsePartHead(part.subarray(0, end));
  if (typeof head === 'string') return head;
  if (isForbiddenName(head.name)) return 'forbidden_member';
  // Browsers send an empty name for a file that was not chosen; content under it is a value to some and a file to others.
  if (head.fileName === '' && part.length > end + 4) return 'file_name';
  return { ...head, bytes: part.subarray(end + 4) };
}

const isJson = ({ mediaType }: OpenPart): boolean => mediaType !== undefined && formatOf(mediaType)?.format === 'json';

/** The value of a part: JSON where the part says so, else text; of a file its name. */
function valueIn(part: OpenPart, limits: ContentLimits): { readonly ok: true; readonly value: Json } | Unreadable {
  if (part.fileName !== undefined) return { ok: true, value: part.fileName };
  if (isJson(part)) return parseJson(part.bytes, limits);
  const text = decodeUtf8(part.bytes);
  return text === undefined ? malformed('utf8') : { ok: true, value: text };
}

function collectPart(part: OpenPart, value: Json, pointer: string, limits: ContentLimits, into: Collector): boolean {
  if (!into.add('name', pointer, part.name)) return false;
  if (!part.lines.every((line) => into.add('part_header', pointer, line))) return false;
  if (part.fileName === undefined) return collectJson(value, pointer, into);
  if (!into.add('file_name', pointer, part.fileName)) return false;
  // Frameworks bind a part of JSON to an object whether it has a file name or not.
  const json = isJson(part) ? parseJson(part.bytes, limits) : undefined;
  return json?.ok !== true || collectJson(json.value, pointer, into);
}

/**
 * multipart/form-data (RFC 7578 over RFC 2046), read so that every reader finds the same parts: see cut and parsePartHead. A
 * file is known by its name alone, and one of JSON by its texts too.
 */
export const readMultipart: ReadFormat = (bytes, limits, { boundary }) => {
  if (boundary === undefined) return malformed('boundary');
  const pieces = cut(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), boundary, limits.maxParts);
  if ('ok' in pieces) return pieces;
  const parts: OpenPart[] = [];
  for (const piece of pieces) {
    const part = open(piece);
    if (typeof part === 'string') return malformed(part, `/${parts.length}`);
    parts.push(part);
  }
  const pointers = pointersOf(parts.map(({ name }) => name));
  const into = collect(limits);
  const pairs: { readonly name: string; readonly value: Json }[] = [];
  for (const [index, part] of parts.entries()) {
    const pointer = pointers[index] ?? '';
    const read = valueIn(part, limits);
    if (!read.ok) return { ...read, pointer: `${pointer}${read.pointer}`.slice(0, 256) };
    if (!collectPart(part, read.value, pointer, limits, into)) return excessive('too_many_fields', pointer);
    pairs.push({ name: part.name, value: read.value });
  }
  const content = {
    format: 'multipart',
    value: objectOf(pairs),
    fields: into.fields,
    parts: parts.map(plain),
  } as const;
  return { ok: true, content };
};

const plain = ({ name, fileName, mediaType, bytes }: OpenPart): Part => ({ name, fileName, mediaType, bytes });
