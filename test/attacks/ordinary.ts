import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Asked, type Half, halfOf, linesOf, numberOf } from './corpus.ts';
import { guarded, type RequestOf } from './judge.ts';

/** A request with slots like {prose} in its texts, as ordinary/requests.jsonl has it. */
export interface Shape {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** At most one of these four is the body. */
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly multipart?: readonly Part[];
  readonly text?: string;
  readonly type?: string;
}

interface Part {
  readonly name: string;
  readonly value: string;
  readonly file?: string;
  readonly type?: string;
}

const folder = join(import.meta.dirname, 'ordinary');
const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW';

const urlencoded = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&');

// As browsers write names of files (RFC 7578 section 4.2 and the HTML standard).
const quoted = (name: string): string => name.replaceAll('"', '%22').replaceAll('\n', '%0A').replaceAll('\r', '%0D');

function multipart(parts: readonly Part[]): string {
  const written = parts.map(({ name, value, file, type }) => {
    const fileName = file === undefined ? '' : `; filename="${quoted(file)}"`;
    const line = type === undefined ? '' : `\r\nContent-Type: ${type}`;
    return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"${fileName}${line}\r\n\r\n${value}\r\n`;
  });
  return `${written.join('')}--${boundary}--\r\n`;
}

function bodyOf({ json, form, multipart: parts, text, type }: Shape): { body: string; type: string } | undefined {
  if (json !== undefined) return { body: JSON.stringify(json), type: type ?? 'application/json' };
  if (form !== undefined) return { body: urlencoded(form), type: 'application/x-www-form-urlencoded' };
  if (parts !== undefined) return { body: multipart(parts), type: `multipart/form-data; boundary=${boundary}` };
  return text === undefined ? undefined : { body: text, type: type ?? 'text/plain' };
}

/** The request that a shape without slots says. */
export function requestOf(shape: Shape): RequestOf {
  const { method, path, query, headers } = shape;
  const body = bodyOf(shape);
  return {
    method: method ?? 'GET',
    path,
    query: query === undefined ? '' : urlencoded(query),
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': body.type }) },
    ...(body === undefined ? {} : { body: body.body }),
  };
}

/** What stands in the slots: texts by the name of their file. */
export type Fillers = ReadonlyMap<string, readonly string[]>;

function fill(value: unknown, pick: (slot: string, whole: string) => string): unknown {
  if (typeof value === 'string') {
    return value.replace(/\{([a-z]+)\}/g, (whole, slot: string) => pick(slot, whole));
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, pick));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner, pick)]));
}

/** A text without what a header cannot carry. */
export const forHeader = (text: string): string => text.replace(/[^\t\x20-\x7e\xa0-\xff]/g, '-');

/** A shape with texts in its slots: which one follows from the shape, the number and the slot's place. */
export function filled(shape: Shape, number: number, fillers: Fillers): Shape {
  let place = 0;
  const pick = (slot: string, whole: string): string => {
    const texts = fillers.get(slot);
    place += 1;
    return texts?.[numberOf(`${JSON.stringify(shape)} ${number} ${place}`) % texts.length] ?? whole;
  };
  // The shape of what came in: only texts were replaced.
  const made = fill(shape, pick) as Shape;
  const headers = Object.entries(made.headers ?? {}).map(([name, value]) => [name, forHeader(value)]);
  return { ...made, headers: Object.fromEntries(headers) };
}

const fillings = 16;

/** Texts by themselves, in two of the places where such a text comes. */
function alone(kind: string, text: string): readonly Shape[] {
  const path = '/notes';
  const field: readonly Shape[] = [
    { method: 'POST', path, json: { id: 7, [kind]: text, tags: ['a', 'b'] } },
    { method: 'POST', path, form: { id: '7', [kind]: text, send: '1' } },
    {
      method: 'POST',
      path,
      multipart: [
        { name: 'id', value: '7' },
        { name: kind, value: text },
      ],
    },
  ];
  const inQuery: Shape = { path, query: { page: '2', q: text } };
  const one = field[numberOf(text) % field.length] ?? inQuery;
  switch (kind) {
    case 'agents':
      return [{ path: '/orders', headers: { 'user-agent': forHeader(text) } }];
    case 'cookies':
      return [{ path: '/orders', headers: { cookie: text } }];
    case 'files':
      return [{ method: 'POST', path, multipart: [{ name: 'file', file: text, value: 'x', type: 'text/plain' }] }];
    case 'snippets':
    case 'logs':
    case 'markup':
      return [one];
    default:
      return [one, inQuery];
  }
}

function asked(kind: string, title: string, request: RequestOf): Asked {
  return { kind, title, ...guarded(request) };
}

/**
 * Ordinary requests of one half: texts in the fields, queries, cookies and headers where such texts come, and whole requests
 * of shops, APIs, webhooks and forms that are filled with them. A half shares neither a text nor a shape with the other.
 */
export function ordinaryRequests(half: Half): readonly Asked[] {
  const ofHalf = (file: string): readonly string[] => linesOf(folder, file).filter((text) => halfOf(text) === half);
  const fillers = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.txt'))
      .map((file) => [file.replace(/\.txt$/, ''), ofHalf(file)]),
  );
  const shapes = readFileSync(join(folder, 'requests.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && halfOf(line) === half)
    // The file's own form.
    .map((line) => JSON.parse(line) as Shape);
  const texts = [...fillers].flatMap(([kind, lines]) =>
    lines.flatMap((text) =>
      kind === 'queries'
        ? [asked(kind, text, { path: '/search', query: text })]
        : alone(kind, text).map((shape) => asked(kind, text, requestOf(shape))),
    ),
  );
  const whole = new Map<string, RequestOf>();
  for (const shape of shapes)
    for (let number = 0; number < fillings; number += 1) {
      const request = requestOf(filled(shape, number, fillers));
      whole.set(JSON.stringify(request), request);
    }
  return [...texts, ...[...whole].map(([title, request]) => asked('requests', title, request))];
}
