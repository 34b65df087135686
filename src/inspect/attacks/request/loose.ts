import { type NormalRequest, singleHeader } from '../../../core/attributes.ts';
import { below } from '../../content/collector.ts';
import type { Content, ContentLimits, Field, Part } from '../../content/content.ts';
import { decodeUtf8 } from '../../content/decode.ts';
import { formatOf, readContent } from '../../content/index.ts';
import { urlDecode } from '../transforms/percent.ts';

// What stands behind so many pieces is one piece more.
const mostPieces = 1000;

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

/** The pieces between delimiters. */
function pieces(text: string, delimiter: string): readonly string[] {
  const all = text.split(delimiter, mostPieces);
  const length = all.reduce((sum, piece) => sum + piece.length + delimiter.length, 0);
  return length > text.length ? all : [...all, text.slice(length)];
}

const named = (role: Field['role'], name: string, text: string): Field => ({
  in: 'body',
  role,
  name: below('', name),
  text,
});

const formFields = (text: string): readonly Field[] =>
  pieces(text, '&').flatMap((pair) => {
    const equals = pair.indexOf('=');
    const name = urlDecode(utf8(equals < 0 ? pair : pair.slice(0, equals)));
    const value = equals < 0 ? '' : urlDecode(utf8(pair.slice(equals + 1)));
    return [named('name', name, name), named('value', name, value)];
  });

const parameter = (name: string): RegExp =>
  new RegExp(`\\b${name}\\*?\\s*=\\s*(?:"((?:[^"\\\\\\r\\n]|\\\\.)*)|([^\\s;"]*))`, 'i');
const [nameOf, fileNameOf] = [parameter('name'), parameter('filename')];

/** A part with what rules look at in it. */
type LoosePart = Part & { readonly fields: readonly Field[] };

function readPart(part: string): LoosePart {
  const end = part.search(/\r?\n\r?\n/);
  const lines = (end < 0 ? part : part.slice(0, end)).split(/\r?\n/).filter((line) => line !== '');
  const content = end < 0 ? '' : part.slice(end).trim();
  const head = lines.join('; ');
  const [, quotedName = '', bareName = ''] = nameOf.exec(head) ?? [];
  const [file, quotedFile = '', bareFile = ''] = fileNameOf.exec(head) ?? [];
  const name = utf8(quotedName || bareName);
  const fileName = file === undefined ? undefined : utf8(quotedFile || bareFile);
  const fields = [
    named('name', name, name),
    ...lines.map((line) => named('part_header', name, utf8(line))),
    fileName === undefined ? named('value', name, utf8(content)) : named('file_name', name, fileName),
  ];
  return { name, fileName, mediaType: undefined, bytes: Buffer.from(content, 'latin1'), fields };
}

const partsOf = (text: string, boundary: string): readonly LoosePart[] =>
  pieces(text, `--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .map(readPart);

/**
 * A form that cannot be read strictly, read as a lenient server might: it is refused all the same, and this is what rules say
 * of it. Undefined for every other body.
 */
export function looseContent({ attributes: { body }, headers }: NormalRequest): Content | undefined {
  const type = singleHeader(headers, 'content-type');
  if (body === undefined || body.length === 0 || type === undefined) return undefined;
  const stated = formatOf(type);
  const text = (): string => Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  if (stated?.format === 'form') return { format: 'form', value: undefined, fields: formFields(text()) };
  if (stated?.format !== 'multipart' || stated.boundary === undefined) return undefined;
  const parts = partsOf(text(), stated.boundary);
  return { format: 'multipart', value: undefined, fields: parts.flatMap(({ fields }) => fields), parts };
}

const equivocal = /[\p{Cc};]/gu;

/**
 * A form in which only semicolons and control characters are against the strict reading, with the texts of both readings that
 * servers make of it: pairs are split at "&" alone, or at ";" too. Undefined for every other body, also where one of the
 * readings breaks another rule of forms.
 */
export function equivocalForm(
  { attributes: { body }, headers }: NormalRequest,
  limits: ContentLimits,
): Content | undefined {
  const format = formatOf(singleHeader(headers, 'content-type') ?? '');
  const text = body && decodeUtf8(body);
  if (format?.format !== 'form' || text === undefined) return undefined;
  const readAs = (written: string) =>
    readContent(format, Buffer.from(written.replaceAll(equivocal, encodeURIComponent)), limits);
  const [strict, split] = [readAs(text), readAs(text.replaceAll(';', '&'))];
  if (!strict.ok || !split.ok) return undefined;
  const keyOf = ({ role, name, text: value }: Field): string => JSON.stringify([role, name, value]);
  const known = new Set(strict.content.fields.map(keyOf));
  const others = split.content.fields.filter((field) => !known.has(keyOf(field)));
  return { format: 'form', value: undefined, fields: [...strict.content.fields, ...others] };
}
