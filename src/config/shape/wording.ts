import type { ErrorObject } from 'ajv/dist/2020.js';
import { isObject, own } from '../../core/json.ts';
import { formatOf } from './formats.ts';
import { suggest } from './suggestion.ts';

/** What is wrong, in two halves: what it must be, and what it is. */
interface Wording {
  /** Like "must be a string" or "is missing". */
  readonly want: string;
  /** Like `a number`; empty when `want` says all. */
  readonly have: string;
}

/** A schema's object or value that an error came from, as ajv's verbose errors carry it. */
type Said = (error: ErrorObject, show: (value: unknown) => string | undefined) => Wording;

const typeNames: ReadonlyMap<string, string> = new Map([
  ['string', 'a string'],
  ['number', 'a number'],
  ['integer', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'an object'],
  ['null', 'empty'],
]);

/** What a value is, without showing it. */
export function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'a number' : 'a number with a fraction';
  if (typeof value === 'boolean') return String(value);
  return typeNames.get(typeof value) ?? typeof value;
}

/** "a", "a or b", "a, b or c". */
export function either(words: readonly string[], joint = 'or'): string {
  const unique = [...new Set(words)];
  const last = unique.pop() ?? '';
  return unique.length === 0 ? last : `${unique.join(', ')} ${joint} ${last}`;
}

// Schemas and parameters are what a keyword of JSON Schema says they are; anything else finds nothing to name.
const member = (from: unknown, name: string): unknown => (isObject(from) ? own(from, name) : undefined);
const namesIn = (from: unknown): readonly string[] => (isObject(from) ? Object.keys(from) : []);
const texts = (from: unknown): readonly string[] => (Array.isArray(from) ? from.map(String) : [String(from)]);
const plain = (want: string): Wording => ({ want, have: '' });
const counted = (count: unknown, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${count} ${many}`);

const type: Said = (error) => {
  const wanted = texts(member(error.params, 'type'));
  const have = kindOf(error.data);
  const format = formatOf(String(member(error.parentSchema, 'format')));
  if (format !== undefined && wanted.length === 1) return { want: `must be ${format.says}`, have };
  const quoted = wanted.includes('string') && ['number', 'boolean'].includes(typeof error.data);
  const word = /^(?:yes|no|on|off)$/i.test(typeof error.data === 'string' ? error.data : '');
  const hint = quoted
    ? '; put it in quotes'
    : wanted.includes('boolean') && word
      ? '; YAML 1.2 knows true and false'
      : '';
  return { want: `must be ${either(wanted.map((name) => typeNames.get(name) ?? name))}`, have: `${have}${hint}` };
};

const longestList = 12;

const enumeration: Said = (error, show) => {
  const allowed = (Array.isArray(error.schema) ? error.schema : [error.schema]).map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  );
  const meant = typeof error.data === 'string' ? suggest(error.data, allowed) : undefined;
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  const listed = allowed.length > longestList ? [...allowed.slice(0, longestList), '…'] : allowed;
  return {
    want: `${allowed.length === 1 ? 'must be' : 'must be one of'} ${listed.join(', ')}`,
    have: `${show(error.data) ?? kindOf(error.data)}${hint}`,
  };
};

/** The words that a schema has for its pattern, as editors show them too, or the pattern itself. */
const pattern: Said = (error, show) => {
  const words = member(error.parentSchema, 'patternErrorMessage');
  if (typeof words === 'string') return { want: words, have: show(error.data) ?? '' };
  const examples = member(error.parentSchema, 'examples');
  const like = Array.isArray(examples) && typeof examples[0] === 'string' ? `, like ${examples[0]}` : '';
  return { want: `must match ${error.schema}${like}`, have: show(error.data) ?? '' };
};

/** An unknown key: the known ones, the likeliest first. */
const unknownKey: Said = (error) => {
  const known = namesIn(member(error.parentSchema, 'properties'));
  const meant = suggest(String(member(error.params, 'additionalProperty')), known);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return plain(`unknown key${hint}${known.length === 0 ? '' : `; known are ${known.join(', ')}`}`);
};

/** Objects of which exactly one member is to be named are how kinds are chosen. */
const count: Said = (error) => {
  const least = member(error.parentSchema, 'minProperties');
  const most = member(error.parentSchema, 'maxProperties');
  const known = namesIn(member(error.parentSchema, 'properties'));
  if (least === 1 && most === 1 && known.length > 0) return plain(`must name exactly one of: ${known.join(', ')}`);
  if (error.keyword === 'minProperties' && least === 1 && known.length > 0) {
    return plain(`must name at least one of: ${known.join(', ')}`);
  }
  return plain(
    `must have at ${error.keyword === 'minProperties' ? 'least' : 'most'} ${counted(member(error.params, 'limit'), 'key', 'keys')}`,
  );
};

const bound: Said = (error, show) => {
  const sign = String(member(error.params, 'comparison'));
  const limit = String(member(error.params, 'limit'));
  const words = { '>=': 'at least', '<=': 'at most', '>': 'more than', '<': 'less than' };
  const word = Object.entries(words).find(([name]) => name === sign)?.[1] ?? sign;
  return { want: `must be ${word} ${limit}`, have: show(error.data) ?? '' };
};

const size =
  (side: 'least' | 'most', one: string, many: string): Said =>
  (error) =>
    plain(
      side === 'least' && member(error.params, 'limit') === 1
        ? 'must not be empty'
        : `must have at ${side} ${counted(member(error.params, 'limit'), one, many)}`,
    );

const format: Said = (error, show) => {
  const name = String(member(error.params, 'format'));
  return { want: `must be ${formatOf(name)?.says ?? `of the format ${name}`}`, have: show(error.data) ?? '' };
};

const said: ReadonlyMap<string, Said> = new Map<string, Said>([
  ['type', type],
  ['enum', enumeration],
  ['const', enumeration],
  ['additionalProperties', unknownKey],
  ['required', () => plain('is required')],
  ['dependentRequired', (error) => plain(`is required; "${member(error.params, 'property')}" needs it`)],
  ['minProperties', count],
  ['maxProperties', count],
  ['minLength', size('least', 'character', 'characters')],
  ['maxLength', size('most', 'character', 'characters')],
  ['minItems', size('least', 'item', 'items')],
  ['maxItems', size('most', 'item', 'items')],
  ['minimum', bound],
  ['maximum', bound],
  ['exclusiveMinimum', bound],
  ['exclusiveMaximum', bound],
  ['multipleOf', (error, show) => ({ want: `must be a multiple of ${error.schema}`, have: show(error.data) ?? '' })],
  ['pattern', pattern],
  ['format', format],
  ['uniqueItems', () => plain('must not hold an item twice')],
  ['not', () => plain('is not allowed in this form')],
  ['false schema', () => plain('is not allowed here')],
]);

/** What an error of the schema means, in our own words. */
export function wordsFor(error: ErrorObject, show: (value: unknown) => string | undefined): Wording {
  const words = said.get(error.keyword);
  return words === undefined ? plain(error.message ?? `does not satisfy "${error.keyword}"`) : words(error, show);
}
