import { isUtf8 } from 'node:buffer';
import { type HeaderMap, singleHeader } from '../../../core/attributes.ts';
import type { Subject } from '../../../core/plan.ts';
import type { Content, Field } from '../../content/content.ts';
import { formatOf, requestFields } from '../../content/index.ts';
import type { Reading } from '../../reading.ts';
import type { Collection } from '../rule.ts';
import { readingsOf } from './readings.ts';

/** One member of a collection. */
export interface Item {
  /** Its name, as rules select it, in lower case. */
  readonly name: string;
  /** Where it stands, in the words of the config: query.q, header.referer, body/comment#name. */
  readonly place: string;
  /** The text, and what else it may be read as. */
  readonly readings: readonly string[];
  /** A contract has proven that no attack fits in. */
  readonly proven: boolean;
}

/** A request as rules look at it. */
export interface RequestView {
  /** The members of a part of the request; those of tx and matched_… are the evaluation's own. */
  items(collection: Collection): readonly Item[];
  /** Where a text stands that is encoded in too many layers; undefined: nowhere that was asked for. */
  excessive(): string | undefined;
}

const roleMarks: Readonly<Record<Field['role'], string>> = {
  value: '',
  name: '#name',
  file_name: '#file_name',
  part_header: '#header',
  token: '#name',
};

/** The place of a text as config and findings write it. */
const placeOf = ({ in: where, role, name }: Field): string => {
  if (where === 'path') return 'path';
  return where === 'body' ? `body${name}${roleMarks[role]}` : `${where}.${name}${roleMarks[role]}`;
};

const unescaped = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~');

/** The name by which rules select a text of a body: a form's own, of JSON the way as json.a.b. */
function bodyName({ name }: Field, format: Content['format']): string {
  const segments = name.split('/').slice(1).map(unescaped);
  const flat = format === 'form' || format === 'multipart';
  return (flat ? (segments[0] ?? '') : ['json', ...segments].join('.')).toLowerCase();
}

// How many layers of percent-encoding are looked through besides the one that the format has by itself.
const layersOf = ({ in: where }: Field, format: Content['format'] | undefined): number =>
  where === 'query' || where === 'path' || (where === 'body' && format === 'form') ? 1 : 2;

// Headers and cookies carry addresses within addresses: they are looked through, but not refused for it.
const countsLayers = ({ in: where }: Field): boolean => where !== 'header' && where !== 'cookie';

/** A field and the item that it is, made once whichever collections it stands in. */
interface Entry {
  readonly field: Field;
  readonly item: Item;
}

/** Repeated names as readers join them, who put a comma between the values. */
function joined(entries: readonly Entry[]): readonly Item[] {
  const lists = new Map<string, Entry[]>();
  for (const entry of entries) {
    const list = lists.get(entry.item.place);
    if (list === undefined) lists.set(entry.item.place, [entry]);
    else list.push(entry);
  }
  if (lists.size === entries.length) return [];
  return [...lists.values()].flatMap(([first, ...rest]): readonly Item[] => {
    if (first === undefined || rest.length === 0) return [];
    const text = [first, ...rest].map(({ field }) => field.text).join(',');
    return [{ ...first.item, readings: [text] }];
  });
}

const bodyProcessors: Readonly<Partial<Record<Content['format'], string>>> = {
  json: 'JSON',
  ndjson: 'JSON',
  form: 'URLENCODED',
  multipart: 'MULTIPART',
  xml: 'XML',
};

/** A body whose texts are all arguments by now: as a whole it is not looked at again. */
const takenApart = (format: Content['format'] | undefined): boolean =>
  format !== undefined && format !== 'form' && bodyProcessors[format] !== undefined;

/** The format that a request without a body states all the same. */
function statedFormat(headers: HeaderMap): Content['format'] | undefined {
  const type = singleHeader(headers, 'content-type');
  return type === undefined ? undefined : formatOf(type)?.format;
}

const isAttribute = ({ name }: Field): boolean => name.slice(name.lastIndexOf('/') + 1).startsWith('@');

// Runs of text among bytes that are none: long enough that chance does not write a pattern.
const runsOfText = /[\t\n\r -~]{12,}/g;

/** A body as one text: as it is in UTF-8, else the rows of printable characters in it. */
function bodyText(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return (bytes.toString('latin1').match(runsOfText) ?? []).join('\n');
}

const lengthIn = (items: readonly Item[]): number =>
  items.reduce((sum, { readings: [text = ''] }) => sum + text.length, 0);

/** What a view is made from. */
interface Seen {
  readonly subject: Subject;
  /** The body as it was read; undefined: there is none, or it could not be read. */
  readonly content: Content | undefined;
  readonly proven: Reading['proven'];
}

const partial = (headers: HeaderMap, name: string): readonly string[] => headers.get(name) ?? [];

/** Opens a request for the rules; each collection is put together when it is first asked for. */
export function openView({ subject: { request }, content, proven }: Seen): RequestView {
  const { attributes } = request;
  const { body } = attributes;
  const format = content?.format;
  let excessive: string | undefined;

  const enter = (field: Field): Entry => {
    const place = placeOf(field);
    const { texts, excessive: tooDeep } = readingsOf(field.text, layersOf(field, format));
    if (tooDeep && countsLayers(field)) excessive ??= place;
    const name = field.in === 'body' ? bodyName(field, format ?? 'text') : field.name.toLowerCase();
    return { field, item: { name, place, readings: texts, proven: proven(field) } };
  };
  const entries = [...requestFields(request), ...(content?.fields ?? [])].map(enter);
  const wanted = (where: Field['in'], ...roles: readonly Field['role'][]): readonly Entry[] =>
    entries.filter(({ field }) => field.in === where && roles.includes(field.role));
  const itemsOf = (found: readonly Entry[]): readonly Item[] => found.map(({ item }) => item);
  const withJoined = (found: readonly Entry[]): readonly Item[] => [...itemsOf(found), ...joined(found)];
  const single = (text: string, place: string): readonly Item[] => [
    { name: '', place, readings: [text], proven: false },
  ];
  const singleRead = (text: string, place: string): readonly Item[] => [
    { name: '', place, readings: readingsOf(text, 2).texts, proven: false },
  ];

  // A body that no format has taken apart is looked at as one text.
  const loose = body !== undefined && body.length > 0 && (content === undefined || format === 'binary');
  const looseItems = (): readonly Item[] => (loose ? singleRead(bodyText(body), 'body') : []);
  const uri = (): string => (request.query === '' ? request.path : `${request.path}?${request.query}`);
  const isXml = format === 'xml';

  const build = (collection: Collection): readonly Item[] => {
    switch (collection) {
      case 'args':
        return [...items('args_get'), ...items('args_post')];
      case 'args_names':
        return [...items('args_get_names'), ...items('args_post_names')];
      case 'args_get':
        return withJoined(wanted('query', 'value'));
      case 'args_get_names':
        return itemsOf(wanted('query', 'name'));
      case 'args_post':
        return isXml ? [] : [...withJoined(wanted('body', 'value')), ...looseItems()];
      case 'args_post_names':
        return isXml ? [] : itemsOf(wanted('body', 'name', 'token'));
      case 'args_combined_size':
        return single(String(lengthIn(items('args')) + lengthIn(items('args_names'))), 'args');
      case 'files':
        return itemsOf(wanted('body', 'file_name'));
      case 'files_names':
        return (content?.parts ?? []).flatMap(({ name, fileName }) =>
          fileName === undefined ? [] : single(name, `body/${name}#name`),
        );
      case 'files_combined_size': {
        const files = (content?.parts ?? []).filter(({ fileName }) => fileName !== undefined);
        return single(String(files.reduce((sum, { bytes }) => sum + bytes.length, 0)), 'body');
      }
      case 'multipart_part_headers':
        return itemsOf(wanted('body', 'part_header'));
      case 'query_string':
        return request.query === '' ? [] : single(request.query, 'query');
      case 'request_basename':
        return singleRead(request.path.slice(request.path.lastIndexOf('/') + 1), 'path');
      case 'request_body':
        return body === undefined || body.length === 0 || takenApart(format) ? [] : single(bodyText(body), 'body');
      case 'request_body_length':
        return single(String(body?.length ?? 0), 'body');
      case 'request_body_processor':
        return single(bodyProcessors[format ?? statedFormat(request.headers) ?? 'binary'] ?? '', 'body');
      case 'request_cookies':
        return itemsOf(wanted('cookie', 'value'));
      case 'request_cookies_names':
        return itemsOf(wanted('cookie', 'name'));
      case 'request_filename':
        return singleRead(request.path, 'path');
      case 'request_headers':
        return [
          ...withJoined(wanted('header', 'value')),
          // Envoy keeps the authority in a place of its own: to rules it is a header like the others.
          { name: 'host', place: 'header.host', readings: [attributes.host], proven: false },
          ...partial(request.headers, 'cookie').map((text) => ({
            name: 'cookie',
            place: 'header.cookie',
            readings: [text],
            proven: false,
          })),
        ];
      case 'request_headers_names':
        return ['host', ...request.headers.keys()].map((name) => ({
          name,
          place: `header.${name}#name`,
          readings: [name],
          proven: false,
        }));
      case 'request_line':
        return single(`${request.method} ${attributes.path} ${attributes.protocol}`, 'line');
      case 'request_method':
        return single(request.method, 'method');
      case 'request_protocol':
        return single(attributes.protocol, 'protocol');
      case 'request_uri':
        return single(uri(), 'uri');
      case 'request_uri_raw':
        return single(attributes.path, 'uri');
      case 'remote_addr':
        return request.clientAddress === '' ? [] : single(request.clientAddress, 'address');
      case 'unique_id':
        return single(attributes.requestId, 'id');
      case 'xml':
        return isXml ? itemsOf(wanted('body', 'value').filter(({ field }) => !isAttribute(field))) : [];
      case 'xml_attributes':
        return isXml ? itemsOf(wanted('body', 'value').filter(({ field }) => isAttribute(field))) : [];
      case 'tx':
      case 'matched_var':
      case 'matched_var_name':
      case 'matched_vars':
      case 'matched_vars_names':
        return [];
      default:
        return collection satisfies never;
    }
  };
  const made = new Map<Collection, readonly Item[]>();
  const items = (collection: Collection): readonly Item[] => {
    const known = made.get(collection);
    if (known !== undefined) return known;
    const built = build(collection);
    made.set(collection, built);
    return built;
  };
  return { items, excessive: () => excessive };
}
