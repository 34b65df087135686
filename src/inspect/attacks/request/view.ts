import { isUtf8 } from 'node:buffer';
import { type HeaderMap, type NormalRequest, singleHeader } from '../../../core/attributes.ts';
import type { Subject } from '../../../core/plan.ts';
import type { Content, Field } from '../../content/content.ts';
import { formatOf, requestFields } from '../../content/index.ts';
import { rowsOfText } from '../../content/rows-of-text.ts';
import type { Reading } from '../../reading.ts';
import type { Collection } from '../rule.ts';
import { textInBase64 } from './base64.ts';
import { type Entry, type Item, itemMaker, joined } from './items.ts';
import { readingsOf } from './readings.ts';

export type { Item } from './items.ts';

/** A request as rules look at it. */
export interface RequestView {
  /** The members of a part of the request; those of tx and matched_… are the evaluation's own. */
  items(collection: Collection): readonly Item[];
  /** Where a text stands that is encoded in too many layers; undefined: nowhere. */
  excessive(): string | undefined;
}

/** What a view is made from. */
interface Seen {
  readonly subject: Subject;
  /** The body as it was read; undefined: there is none, or its format is not known. */
  readonly content: Content | undefined;
  readonly proven: Reading['proven'];
}

/** What collections are put together from. */
interface Parts {
  readonly request: NormalRequest;
  readonly content: Content | undefined;
  wanted(where: Field['in'], ...roles: readonly Field['role'][]): readonly Entry[];
  items(collection: Collection): readonly Item[];
}

const bodyProcessors: Readonly<Partial<Record<Content['format'], string>>> = {
  json: 'JSON',
  ndjson: 'JSON',
  form: 'URLENCODED',
  multipart: 'MULTIPART',
  xml: 'XML',
};

const unprintable = /[^\t-\r -~\x80-\xff]/;

/** A body as one text: as it is in UTF-8, else the rows of printable characters in it. Bytes of a type of their own may be UTF-8 by chance. */
function bodyText(body: Uint8Array, ofBytes: boolean): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const latin1 = bytes.toString('latin1');
  if (!isUtf8(bytes) || (ofBytes && unprintable.test(latin1))) return rowsOfText(latin1);
  return bytes.toString('utf8');
}

const one = (text: string, place: string, name = ''): Item => ({ name, place, readings: [text], proven: false });
const oneRead = (text: string, place: string): Item => ({ ...one(text, place), readings: readingsOf(text, 2).texts });

/** A path, and what its segments are Base64 of. */
const pathRead = (path: string, segments: readonly string[]): Item => {
  const hidden = segments.flatMap((segment) => textInBase64(segment) ?? []);
  return { ...one(path, 'path'), readings: [...readingsOf(path, 2).texts, ...hidden] };
};

const itemsOf = (entries: readonly Entry[]): readonly Item[] => entries.map(({ item }) => item);
const withJoined = (entries: readonly Entry[]): readonly Item[] => [...itemsOf(entries), ...joined(entries)];
const lengthIn = (items: readonly Item[]): number =>
  items.reduce((sum, { together, readings: [text = ''] }) => sum + (together ? 0 : Buffer.byteLength(text)), 0);

/** A body that no format has taken apart is looked at as one text. */
function looseBody({ request: { attributes }, content }: Parts): readonly Item[] {
  const { body } = attributes;
  const loose = body !== undefined && body.length > 0 && (content === undefined || content.format === 'binary');
  return loose ? [oneRead(bodyText(body, content !== undefined), 'body')] : [];
}

/** A body whose texts are all arguments by now is not looked at as a whole again; of a form both are usual. */
const isTakenApart = (content: Content | undefined): boolean =>
  content !== undefined &&
  content.format !== 'form' &&
  (content.format === 'grpc' || bodyProcessors[content.format] !== undefined);

/** The format that a request states, with a body or without one. */
function statedFormat(headers: HeaderMap): Content['format'] {
  const type = singleHeader(headers, 'content-type');
  return (type === undefined ? undefined : formatOf(type)?.format) ?? 'binary';
}

const isXml = ({ content }: Parts): boolean => content?.format === 'xml';
const isAttribute = ({ field: { name } }: Entry): boolean => name.slice(name.lastIndexOf('/') + 1).startsWith('@');
const filesOf = ({ content }: Parts) => (content?.parts ?? []).filter(({ fileName }) => fileName !== undefined);
const none = (): readonly Item[] => [];

const builders: Readonly<Record<Collection, (parts: Parts) => readonly Item[]>> = {
  args: ({ items }) => [...items('args_get'), ...items('args_post')],
  args_names: ({ items }) => [...items('args_get_names'), ...items('args_post_names')],
  args_get: ({ wanted }) => withJoined(wanted('query', 'value')),
  args_get_names: ({ wanted }) => itemsOf(wanted('query', 'name')),
  args_post: (parts) => (isXml(parts) ? [] : [...withJoined(parts.wanted('body', 'value')), ...looseBody(parts)]),
  args_post_names: (parts) => (isXml(parts) ? [] : itemsOf(parts.wanted('body', 'name', 'token'))),
  args_combined_size: ({ items }) => [one(String(lengthIn([...items('args'), ...items('args_names')])), 'args')],
  files: ({ wanted }) => itemsOf(wanted('body', 'file_name')),
  files_names: (parts) => filesOf(parts).map(({ name }) => one(name, `body/${name}#name`)),
  files_combined_size: (parts) => [
    one(String(filesOf(parts).reduce((sum, { bytes }) => sum + bytes.length, 0)), 'body'),
  ],
  multipart_part_headers: ({ wanted }) => itemsOf(wanted('body', 'part_header')),
  query_string: ({ request: { query } }) => (query === '' ? [] : [one(query, 'query')]),
  request_basename: ({ request: { path } }) => [oneRead(path.slice(path.lastIndexOf('/') + 1), 'path')],
  request_body: ({ request: { attributes }, content }) =>
    attributes.body === undefined || attributes.body.length === 0 || isTakenApart(content)
      ? []
      : [one(bodyText(attributes.body, content?.format === 'binary'), 'body')],
  request_body_length: ({ request }) => [one(String(request.attributes.body?.length ?? 0), 'body')],
  request_body_processor: ({ request, content }) => [
    one(bodyProcessors[content?.format ?? statedFormat(request.headers)] ?? '', 'body'),
  ],
  request_cookies: ({ wanted }) => itemsOf(wanted('cookie', 'value')),
  request_cookies_names: ({ wanted }) => itemsOf(wanted('cookie', 'name')),
  request_filename: ({ request }) => [pathRead(request.path, request.segments)],
  request_headers: ({ request, wanted }) => [
    ...withJoined(wanted('header', 'value')),
    // Envoy keeps the authority in a place of its own; to rules it is a header like the others.
    one(request.attributes.host, 'header.host', 'host'),
    ...(request.headers.get('cookie') ?? []).map((text) => one(text, 'header.cookie', 'cookie')),
  ],
  request_headers_names: ({ request }) =>
    ['host', ...request.headers.keys()].map((name) => one(name, `header.${name}#name`, name)),
  request_line: ({ request: { method, attributes } }) => [
    one(`${method} ${attributes.path} ${attributes.protocol}`, 'line'),
  ],
  request_method: ({ request }) => [one(request.method, 'method')],
  request_protocol: ({ request }) => [one(request.attributes.protocol, 'protocol')],
  request_uri: ({ request: { path, query } }) => [one(query === '' ? path : `${path}?${query}`, 'uri')],
  request_uri_raw: ({ request }) => [one(request.attributes.path, 'uri')],
  remote_addr: ({ request: { clientAddress } }) => (clientAddress === '' ? [] : [one(clientAddress, 'address')]),
  unique_id: ({ request }) => [one(request.attributes.requestId, 'id')],
  xml: (parts) => (isXml(parts) ? itemsOf(parts.wanted('body', 'value').filter((entry) => !isAttribute(entry))) : []),
  xml_attributes: (parts) => (isXml(parts) ? itemsOf(parts.wanted('body', 'value').filter(isAttribute)) : []),
  tx: none,
  matched_var: none,
  matched_var_name: none,
  matched_vars: none,
  matched_vars_names: none,
};

/** Opens a request for the rules; each collection is put together when it is first asked for. */
export function openView({ subject: { request }, content, proven }: Seen): RequestView {
  let excessive: string | undefined;
  const make = itemMaker(content?.format, proven, (place) => {
    excessive ??= place;
  });
  const entries = [...requestFields(request), ...(content?.fields ?? [])].map(make);
  const made = new Map<Collection, readonly Item[]>();
  const parts: Parts = {
    request,
    content,
    wanted: (where, ...roles) => entries.filter(({ field }) => field.in === where && roles.includes(field.role)),
    items: (collection) => {
      const known = made.get(collection);
      if (known !== undefined) return known;
      const built = builders[collection](parts);
      made.set(collection, built);
      return built;
    },
  };
  return { items: parts.items, excessive: () => excessive };
}
