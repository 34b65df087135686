import type { Json } from './json.ts';

/** Why bytes are not strict JSON; stable, shown to callers. */
export type StrictJsonProblem =
  | 'empty'
  | 'too_large'
  | 'bom'
  | 'utf8'
  | 'syntax'
  | 'depth'
  | 'too_many_members'
  | 'too_many_values'
  | 'duplicate_member'
  | 'forbidden_member'
  | 'number'
  | 'surrogate';

/** Bounds of the parser. */
export interface StrictJsonLimits {
  /** Default 1 MiB. */
  readonly maxBytes: number;
  /** Nested arrays and objects, the outermost counted; default 64, never more than 512. */
  readonly maxDepth: number;
  /** Characters of one number; default 64. */
  readonly maxNumberLength: number;
  /** Finite numbers that a double would change are taken, for readers to whom they say nothing; default false. */
  readonly roughNumbers: boolean;
  /** Members of one object; default 10,000. */
  readonly maxMembers: number;
  /** Values in all, where an array or object counts for ten, as much memory as it takes; default 2,000,000. */
  readonly maxValues: number;
}

/** The value and how many there are in it (as maxValues counts), or the problem with an RFC 6901 pointer to its place; a pointer of over 256 characters ends at an ancestor. */
type StrictJsonResult =
  | { readonly ok: true; readonly value: Json; readonly values: number }
  | { readonly ok: false; readonly problem: StrictJsonProblem; readonly pointer: string };

const defaults: StrictJsonLimits = Object.freeze({
  maxBytes: 1024 ** 2,
  maxDepth: 64,
  maxNumberLength: 64,
  roughNumbers: false,
  maxMembers: 10_000,
  maxValues: 2_000_000,
});
const deepest = 512;
const maxPointerLength = 256;

interface Scan {
  readonly text: string;
  readonly limits: StrictJsonLimits;
  at: number;
  /** How many more values may come. */
  room: number;
  problem: StrictJsonProblem;
  /** Segments of the place, the innermost first: filled while the failure travels out. */
  readonly place: (string | number)[];
}

// Keeps a BOM, so that it is seen as what it is.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const numberToken = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const integer = /^-?[0-9]+$/;
const zero = /^-?[0.]+(?:[eE]|$)/;

/** No Json is undefined, so undefined says that the scan failed. */
function stop(scan: Scan, problem: StrictJsonProblem, ...place: readonly (string | number)[]): undefined {
  scan.problem = problem;
  scan.place.push(...place);
  return undefined;
}

/** The code of the next character that is no whitespace; NaN at the end. */
function peek(scan: Scan): number {
  for (;;) {
    const code = scan.text.charCodeAt(scan.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code;
    scan.at += 1;
  }
}

function parseString(scan: Scan): string | undefined {
  const { text } = scan;
  const start = scan.at + 1;
  let escaped = false;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      scan.at = at + 1;
      return escaped ? unquote(scan, text.slice(start - 1, at + 1)) : text.slice(start, at);
    }
    if (code < 0x20) break;
    if (code === 0x5c) {
      escaped = true;
      at += 1;
    }
  }
  return stop(scan, 'syntax');
}

function unquote(scan: Scan, literal: string): string | undefined {
  try {
    const value: string = JSON.parse(literal); // begins with a quote, so it is a string or an error
    return value.isWellFormed() ? value : stop(scan, 'surrogate');
  } catch {
    return stop(scan, 'syntax');
  }
}

/** Plain integers of up to 15 digits, most numbers that there are, without a regular expression; undefined for any other. */
function parseSmallInteger(scan: Scan): number | undefined {
  const { text, at: start, limits } = scan;
  let at = start;
  let value = 0;
  let code = text.charCodeAt(at);
  for (; code >= 0x30 && code <= 0x39; code = text.charCodeAt(at)) {
    value = value * 10 + code - 0x30;
    at += 1;
  }
  const digits = at - start;
  const whole = code !== 0x2e && code !== 0x65 && code !== 0x45 && (digits === 1 || text.charCodeAt(start) !== 0x30);
  if (!whole || digits === 0 || digits > Math.min(15, limits.maxNumberLength)) return undefined;
  scan.at = at;
  return value;
}

/** Digits without leading and trailing zeros, and the power of ten that they are multiplied by: one text for one magnitude. */
function magnitude(literal: string): string {
  const mark = literal.search(/e/i);
  const mantissa = mark < 0 ? literal : literal.slice(0, mark);
  const exponent = mark < 0 ? 0 : Number(literal.slice(mark + 1));
  const point = mantissa.indexOf('.');
  const decimals = point < 0 ? 0 : mantissa.length - point - 1;
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  return `${significant}e${exponent - decimals + digits.length - significant.length}`;
}

/** Whether a double that is a whole number is the very number that is written: 9007199254740993.0 is none. */
const isExactly = (literal: string, value: number): boolean => magnitude(literal) === magnitude(String(value));

/** Whether a double says what is written. */
function isFaithful(literal: string, value: number): boolean {
  if (integer.test(literal)) return Number.isSafeInteger(value);
  if (value === 0) return zero.test(literal);
  return Number.isFinite(value) && (!Number.isInteger(value) || isExactly(literal, value));
}

/** Other readers keep integers exact where a double cannot: what a double would change is refused, so that all read alike. */
function parseNumber(scan: Scan): number | undefined {
  const small = parseSmallInteger(scan);
  if (small !== undefined) return small;
  numberToken.lastIndex = scan.at;
  if (!numberToken.test(scan.text)) return stop(scan, 'syntax');
  const end = numberToken.lastIndex;
  if (end - scan.at > scan.limits.maxNumberLength) return stop(scan, 'number');
  const literal = scan.text.slice(scan.at, end);
  const value = Number(literal);
  const taken = scan.limits.roughNumbers ? Number.isFinite(value) : isFaithful(literal, value);
  if (!taken) return stop(scan, 'number');
  scan.at = end;
  return value;
}

function parseWord<T extends boolean | null>(scan: Scan, word: string, value: T): T | undefined {
  if (!scan.text.startsWith(word, scan.at)) return stop(scan, 'syntax');
  scan.at += word.length;
  return value;
}

function parseArray(scan: Scan, depth: number): Json | undefined {
  const items: Json[] = [];
  scan.at += 1;
  if (peek(scan) === 0x5d) {
    scan.at += 1;
    return items;
  }
  for (;;) {
    const item = parseValue(scan, depth);
    if (item === undefined) return stop(scan, scan.problem, items.length);
    items.push(item);
    const code = peek(scan);
    scan.at += 1;
    if (code === 0x5d) return items;
    if (code !== 0x2c) return stop(scan, 'syntax');
  }
}

function parseMember(scan: Scan, object: Record<string, Json>, depth: number): true | undefined {
  if (peek(scan) !== 0x22) return stop(scan, 'syntax');
  const name = parseString(scan);
  if (name === undefined) return undefined;
  if (name === '__proto__') return stop(scan, 'forbidden_member', name);
  if (Object.hasOwn(object, name)) return stop(scan, 'duplicate_member', name);
  if (peek(scan) !== 0x3a) return stop(scan, 'syntax', name);
  scan.at += 1;
  const value = parseValue(scan, depth);
  if (value === undefined) return stop(scan, scan.problem, name);
  if (name === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')) {
    return stop(scan, 'forbidden_member', 'prototype', name);
  }
  object[name] = value;
  return true;
}

function parseObject(scan: Scan, depth: number): Json | undefined {
  const object: Record<string, Json> = Object.create(null);
  scan.at += 1;
  if (peek(scan) === 0x7d) {
    scan.at += 1;
    return object;
  }
  let members = 0;
  for (;;) {
    members += 1;
    if (members > scan.limits.maxMembers) return stop(scan, 'too_many_members');
    if (parseMember(scan, object, depth) === undefined) return undefined;
    const code = peek(scan);
    scan.at += 1;
    if (code === 0x7d) return object;
    if (code !== 0x2c) return stop(scan, 'syntax');
  }
}

const containerCost = 10;

function parseValue(scan: Scan, depth: number): Json | undefined {
  const code = peek(scan);
  scan.room -= code === 0x7b || code === 0x5b ? containerCost : 1;
  if (scan.room < 0) return stop(scan, 'too_many_values');
  switch (code) {
    case 0x22:
      return parseString(scan);
    case 0x7b:
      return depth < scan.limits.maxDepth ? parseObject(scan, depth + 1) : stop(scan, 'depth');
    case 0x5b:
      return depth < scan.limits.maxDepth ? parseArray(scan, depth + 1) : stop(scan, 'depth');
    case 0x74:
      return parseWord(scan, 'true', true);
    case 0x66:
      return parseWord(scan, 'false', false);
    case 0x6e:
      return parseWord(scan, 'null', null);
    default:
      return parseNumber(scan);
  }
}

function pointerOf(place: readonly (string | number)[]): string {
  let pointer = '';
  for (const segment of place.toReversed()) {
    const longer = `${pointer}/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (longer.length > maxPointerLength) break;
    pointer = longer;
  }
  return pointer;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Parses JSON that every reader reads alike: RFC 8259 without its liberties (I-JSON, RFC 7493), or the first problem.
 *
 * Beyond the grammar it refuses a BOM, bytes that are not UTF-8, lone surrogates, a member name that stands twice (after
 * unescaping), too much depth, too many members or values, numbers that are too long, not finite, integers outside ±(2^53-1),
 * non-zero numbers that a double turns into 0, and any that it turns into another whole number. `__proto__` is refused as a member name, and so is `constructor` over
 * an object with a member `prototype`: both poison careless merges upstream. Either name alone is an ordinary member, for
 * objects have no prototype. Escaped control characters pass. Never throws; the stack stays bounded.
 */
export function parseStrictJson(bytes: Uint8Array, limits: Partial<StrictJsonLimits> = {}): StrictJsonResult {
  const bounds = { ...defaults, ...limits };
  const refuse = (problem: StrictJsonProblem): StrictJsonResult => ({ ok: false, problem, pointer: '' });
  if (bytes.length > bounds.maxBytes) return refuse('too_large');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return refuse('bom');
  const text = decode(bytes);
  if (text === undefined) return refuse('utf8');
  const scan: Scan = {
    text,
    limits: { ...bounds, maxDepth: Math.min(bounds.maxDepth, deepest) },
    at: 0,
    room: bounds.maxValues,
    problem: 'syntax',
    place: [],
  };
  if (Number.isNaN(peek(scan))) return refuse('empty');
  const value = parseValue(scan, 0);
  if (value === undefined) return { ok: false, problem: scan.problem, pointer: pointerOf(scan.place) };
  return Number.isNaN(peek(scan)) ? { ok: true, value, values: bounds.maxValues - scan.room } : refuse('syntax');
}
