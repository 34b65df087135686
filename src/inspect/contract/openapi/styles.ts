import type { Json } from '../../../core/json.ts';
import type { Shape } from '../shape.ts';
import { readings, scalarOf } from './coerce.ts';

/** How a value is written as text (OpenAPI 3, section 4.8.12.2). */
export interface Style {
  readonly style: string;
  readonly explode: boolean;
}

/** Every value that a text may stand for; undefined: it is not written in its style. */
export type Values = readonly Json[] | undefined;

const delimiters: ReadonlyMap<string, string> = new Map([
  ['spaceDelimited', ' '],
  ['pipeDelimited', '|'],
]);

const isList = ({ types }: Shape): boolean => types.has('array');
const isObject = ({ types }: Shape): boolean => types.has('object') && !types.has('string');

const itemsOf = (texts: readonly string[], shape: Shape): Json =>
  texts.map((text, index) => scalarOf(text, shape.item(index)));

/** An object of texts; undefined when a name stands twice. */
export function membersOf(pairs: readonly (readonly [name: string, text: string])[], shape: Shape): Json | undefined {
  const object: Record<string, Json> = Object.create(null);
  for (const [name, text] of pairs) {
    if (Object.hasOwn(object, name)) return undefined;
    object[name] = scalarOf(text, shape.property(name));
  }
  return object;
}

/** Pairs that stand one after the other, as in "R,100,G,200"; undefined when one has no value. */
function alternating(pieces: readonly string[]): readonly (readonly [string, string])[] | undefined {
  if (pieces.length % 2 !== 0) return undefined;
  return Array.from(
    { length: pieces.length / 2 },
    (_, index) => [pieces[2 * index] ?? '', pieces[2 * index + 1] ?? ''] as const,
  );
}

/** Pairs with an equals sign; undefined when one has none. */
function equated(pieces: readonly string[]): readonly (readonly [string, string])[] | undefined {
  if (pieces.some((piece) => !piece.includes('='))) return undefined;
  return pieces.map((piece) => [piece.slice(0, piece.indexOf('=')), piece.slice(piece.indexOf('=') + 1)] as const);
}

const one = (value: Json | undefined): Values => (value === undefined ? undefined : [value]);

/** What one text stands for whose lists and objects are delimited by a sign. */
export function delimited(text: string, shape: Shape, delimiter: string, explode = false): Values {
  const pieces = text === '' ? [] : text.split(delimiter);
  if (isList(shape)) return [itemsOf(pieces, shape)];
  if (!isObject(shape)) return readings(text, shape);
  const pairs = explode ? equated(pieces) : alternating(pieces);
  return pairs === undefined ? undefined : one(membersOf(pairs, shape));
}

/** The value of a path segment. */
export function pathValues(text: string, shape: Shape, { style, explode }: Style): Values {
  switch (style) {
    case 'simple':
      return delimited(text, shape, ',', explode);
    case 'label':
      if (!text.startsWith('.')) return undefined;
      return delimited(text.slice(1), shape, explode ? '.' : ',', explode);
    default:
      return undefined;
  }
}

/** The value of the texts that stand under one name in a query, a cookie or a form. */
export function namedValues(texts: readonly string[], shape: Shape, { style, explode }: Style): Values {
  const [text, ...others] = texts;
  if (isList(shape) && explode) return [itemsOf(texts, shape)];
  if (text === undefined || others.length > 0) return undefined;
  return delimited(text, shape, delimiters.get(style) ?? ',');
}

/** Whether a schema takes an object, and so a style may spread it over several names. */
export const spreads = (shape: Shape, { style, explode }: Style): boolean =>
  isObject(shape) && (style === 'deepObject' || (style === 'form' && explode));
