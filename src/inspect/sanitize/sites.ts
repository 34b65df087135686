import type { Content } from '../content/content.ts';
import { type Codec, codecs } from './codec.ts';

/** A text in a body: where its bytes stand, and how it is written. */
interface Site {
  /** RFC 6901, whole. */
  readonly pointer: string;
  readonly start: number;
  readonly end: number;
  readonly codec: Codec;
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
const stringToken = /"(?:[^"\\]|\\.)*"/y;
const otherToken = /[^"{}[\],:]+/y;

interface Level {
  readonly pointer: string;
  /** Of an array, where the next item stands; undefined in an object. */
  index: number | undefined;
  /** The member whose value comes. */
  member: string | undefined;
}

/** Where the value stands that comes next. */
const here = ({ pointer, index, member }: Level): string =>
  index === undefined ? `${pointer}/${escaped(member ?? '')}` : `${pointer}/${index}`;

/**
 * Every string value of JSON that a strict parser took, in the bytes from offset on; names of members are no values. text:
 * the bytes as Latin-1.
 */
function* jsonSites(text: string, offset: number, root: string): Iterable<Site> {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; ) {
    const level = levels.at(-1);
    const character = text.charAt(at);
    if (character === '"') {
      stringToken.lastIndex = at;
      const end = at + (stringToken.exec(text)?.[0].length ?? text.length);
      if (level !== undefined && level.index === undefined && level.member === undefined) {
        level.member = codecs.json.decode(text.slice(at + 1, end - 1)) ?? '';
      } else {
        const pointer = level === undefined ? root : here(level);
        yield { pointer, start: offset + at + 1, end: offset + end - 1, codec: codecs.json };
      }
      at = end;
      continue;
    }
    if (character === '{' || character === '[') {
      const pointer = level === undefined ? root : here(level);
      levels.push({ pointer, index: character === '[' ? 0 : undefined, member: undefined });
    } else if (character === '}' || character === ']') levels.pop();
    else if (character === ',' && level !== undefined) {
      if (level.index === undefined) level.member = undefined;
      else level.index += 1;
    }
    otherToken.lastIndex = at;
    at += otherToken.exec(text)?.[0].length ?? 1;
  }
}

function* ndjsonSites(text: string): Iterable<Site> {
  let at = 0;
  for (const [index, line] of text.split('\n').entries()) {
    yield* jsonSites(line, at, `/${index}`);
    at += line.length + 1;
  }
}

function* formSites(text: string): Iterable<Site> {
  let at = 0;
  for (const piece of text.split('&')) {
    const equals = piece.indexOf('=');
    const name = codecs.form.decode(equals < 0 ? piece : piece.slice(0, equals));
    if (equals >= 0 && name !== undefined) {
      yield { pointer: `/${escaped(name)}`, start: at + equals + 1, end: at + piece.length, codec: codecs.form };
    }
    at += piece.length + 1;
  }
}

/** The values of multipart: a file is not text to us. */
function* partSites({ parts = [] }: Content, body: Uint8Array): Iterable<Site> {
  for (const { name, fileName, mediaType, bytes } of parts) {
    if (fileName !== undefined) continue;
    const start = bytes.byteOffset - body.byteOffset;
    const pointer = `/${escaped(name)}`;
    if (mediaType === undefined || mediaType.startsWith('text/')) {
      yield { pointer, start, end: start + bytes.length, codec: codecs.plain };
    } else if (mediaType.endsWith('json')) {
      yield* jsonSites(Buffer.from(bytes).toString('latin1'), start, pointer);
    }
  }
}

/** The texts of a body that was read strictly, in their order; undefined for a format in which nothing can be replaced. */
export function sitesOf(content: Content, body: Uint8Array, text: string): Iterable<Site> | undefined {
  switch (content.format) {
    case 'json':
      return jsonSites(text, 0, '');
    case 'ndjson':
      return ndjsonSites(text);
    case 'form':
      return formSites(text);
    case 'multipart':
      return partSites(content, body);
    case 'text':
      return [{ pointer: '', start: 0, end: text.length, codec: codecs.plain }];
    case 'xml':
    case 'graphql':
    case 'grpc':
    case 'binary':
      return undefined;
    default:
      return content.format satisfies never;
  }
}
