import type { Attributes } from '../../src/core/attributes.ts';
import { isToken } from '../../src/core/header-name.ts';
import type { Input } from './cases.ts';

/** A request as it goes over the wire. */
interface Wire {
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | undefined;
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

/** A whole request in bytes; undefined when its head is not in the form of HTTP/1. */
function parseWire(bytes: Uint8Array): Wire | undefined {
  const text = latin1(bytes);
  const end = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = text.slice(0, end < 0 ? undefined : end).split('\r\n');
  const [method, uri, version] = start.split(' ');
  if (method === undefined || uri === undefined || version === undefined) return undefined;
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), utf8(line.slice(colon + 1).trim())];
  });
  const body = end < 0 ? new Uint8Array() : bytes.subarray(end + 4);
  return { method, uri, version, headers, body: body.length === 0 ? undefined : body };
}

const headerOf = ({ headers = {} }: Input, wanted: string): string | undefined => {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === wanted);
  return found === undefined ? undefined : String(found[1]);
};

const unescaped = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

/** As go-ftw does: a form that is not encoded at all is encoded, its pairs in the order of their names. */
function encodeForm(data: string): string {
  if (unescaped(data) !== data || data.includes(';')) return data;
  const encode = (text: string): string =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+');
  const pairs = data
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => pair.split(/=(.*)/s));
  const sorted = pairs.toSorted(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.map(([name = '', value = '']) => `${encode(name)}=${encode(value)}`).join('&');
}

/** What go-ftw makes of a test: a body, its length, and the type of a form where none is said. */
function wireOf(input: Input): Wire | undefined {
  if (input.encoded_request !== undefined) return parseWire(Buffer.from(input.encoded_request, 'base64'));
  const { method = 'GET', uri = '/', version = 'HTTP/1.1', data, autocomplete_headers: complete = true } = input;
  const headers = Object.entries(input.headers ?? {}).map(([name, value]) => [name, String(value)] as const);
  const type = headerOf(input, 'content-type');
  const form = 'application/x-www-form-urlencoded';
  let text = data;
  if (text !== undefined && type?.startsWith('multipart/') === true) text = text.replace(/\r?\n/g, '\r\n');
  if (text !== undefined && complete && (type ?? form) === form) text = encodeForm(text);
  // Without a length nobody takes what follows for a body.
  const sent = complete || headerOf(input, 'content-length') !== undefined;
  const body = text === undefined || !sent ? undefined : Buffer.from(text);
  const added: (readonly [string, string])[] = [];
  if (complete && body !== undefined && body.length > 0) {
    if (type === undefined) added.push(['Content-Type', form]);
    if (headerOf(input, 'content-length') === undefined) added.push(['Content-Length', String(body.length)]);
  }
  return { method, uri, version, headers: [...headers, ...added], body: body?.length === 0 ? undefined : body };
}

/** Headers that Envoy keeps to itself: no filter and no upstream sees them (RFC 9110 section 7.6.1). */
const connectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

const isControl = (character: string): boolean => character !== '\t' && /\p{Cc}/u.test(character);

/** Why Envoy would answer such a request itself; undefined when it asks us. */
function refusedByEnvoy({ method, uri, version, headers }: Wire): string | undefined {
  const values = (wanted: string): readonly string[] =>
    headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  const [length, ...lengths] = values('content-length');
  if (!isToken(method)) return 'a method that is no token';
  if (method === 'CONNECT') return 'a tunnel';
  if (!/^HTTP\/(?:1\.[01]|2(?:\.0)?)$/.test(version)) return 'a version that HTTP does not have';
  if (!uri.startsWith('/')) return 'a target without a path';
  if (uri.includes('#')) return 'a fragment in the target';
  if (!/^[!-~]+$/.test(uri)) return 'a character in the target that HTTP forbids';
  if (length !== undefined && !/^\d+$/.test(length)) return 'a content-length that is no number';
  if (lengths.some((other) => other !== length)) return 'two lengths';
  if (values('host').length !== 1 || values('host')[0] === '') return 'no host';
  if (headers.some(([, value]) => [...value].some(isControl))) return 'a control character in a header';
  return undefined;
}

/** The request of a test as Envoy tells of it, or why it tells of none. */
export function attributesOf(input: Input): Attributes | string {
  const wire = wireOf(input);
  if (wire === undefined) return 'a head that is not HTTP/1';
  const refused = refusedByEnvoy(wire);
  if (refused !== undefined) return refused;
  const headers = new Map<string, string[]>();
  for (const [written, value] of wire.headers) {
    const name = written.toLowerCase();
    if (name === 'host' || connectionHeaders.has(name)) continue;
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  return {
    source: { address: '192.0.2.1', port: 50_000, principal: '', certificate: '' },
    destination: { address: '192.0.2.254', port: 80, principal: '', certificate: '' },
    method: wire.method,
    scheme: 'http',
    host: wire.headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '',
    path: wire.uri,
    protocol: wire.version,
    headers,
    body: wire.body,
    requestId: '',
    contextExtensions: new Map(),
  };
}
