/** What a header field is to a request (RFC 9113 sections 8.2 and 8.3); malformed: no request may have it. */
type FieldKind = 'method' | 'scheme' | 'authority' | 'path' | 'regular' | 'length' | 'malformed';

/** A header field; its name is in lower case, or it is malformed. */
export interface Field {
  readonly name: string;
  readonly value: string;
  /** What it counts in tables and lists (RFC 7541 section 4.1). */
  readonly size: number;
  readonly kind: FieldKind;
}

const overhead = 32;

/** The field of a name and a value, octets as characters. */
export const fieldOf = (name: string, value: string): Field =>
  Object.freeze({ name, value, size: name.length + value.length + overhead, kind: kindOf(name, value) });

const pseudo: ReadonlyMap<string, FieldKind> = new Map([
  [':method', 'method'],
  [':scheme', 'scheme'],
  [':authority', 'authority'],
  [':path', 'path'],
]);
// What belongs to one connection of HTTP/1.1 (RFC 9113 section 8.2.2).
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
// A token of RFC 9110 without capitals (RFC 9113 section 8.2.1).
const nameForm = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that a value must not have.
const valueForm = /^(?![ \t])[^\u0000\r\n]*(?<![ \t])$/;

function kindOf(name: string, value: string): FieldKind {
  if (!valueForm.test(value)) return 'malformed';
  if (name.startsWith(':')) return pseudo.get(name) ?? 'malformed';
  if (!nameForm.test(name) || hopByHop.has(name)) return 'malformed';
  if (name === 'te') return value === 'trailers' ? 'regular' : 'malformed';
  return name === 'content-length' ? 'length' : 'regular';
}
