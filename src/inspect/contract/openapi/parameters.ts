import type { NormalRequest } from '../../../core/attributes.ts';
import type { Path, Report } from '../../../core/build.ts';
import { cookiesOf } from '../../../core/cookie.ts';
import { isObject, type Json } from '../../../core/json.ts';
import type { Matcher } from '../schema-compile.ts';
import type { Shape } from '../shape.ts';
import { jsonOf } from './coerce.ts';
import type { Found } from './document.ts';
import { mixes, type QueryReading } from './query-reading.ts';
import { delimited, membersOf, namedValues, pathValues, type Style, spreads, type Values } from './styles.ts';

/** Where a parameter stands, in OpenAPI's words. */
export type Place = 'path' | 'query' | 'header' | 'cookie';

/** A parameter of an operation, compiled. */
export interface Parameter {
  readonly name: string;
  readonly in: Place;
  readonly required: boolean;
  readonly allowEmpty: boolean;
  readonly style: Style;
  /** The value is JSON text (a parameter with `content`). */
  readonly isJson: boolean;
  readonly shape: Shape;
  readonly matcher: () => Matcher;
}

/** What a request says of a parameter. */
export interface Given {
  readonly request: NormalRequest;
  /** The texts of the path's parameters, with the index of their segment. */
  readonly path: ReadonlyMap<string, { readonly text: string; readonly index: number }>;
  readonly query: QueryReading;
}

/** Why a parameter does not match: never with its value. */
export interface ParameterProblem {
  readonly problem: 'missing' | 'repeated' | 'style' | 'schema' | 'ambiguous' | 'encoding' | 'unknown';
  /** Of a schema: its keyword, and the pointer in the value. */
  readonly keyword?: string;
  readonly pointer?: string;
  readonly schemaPath?: string;
}

const defaultStyles: Readonly<Record<Place, string>> = {
  path: 'simple',
  query: 'form',
  header: 'simple',
  cookie: 'form',
};
const isPlace = (text: string): text is Place => Object.hasOwn(defaultStyles, text);
// What OpenAPI says to describe elsewhere (section 4.8.12).
const ignoredHeaders: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);

/** The schema of a parameter and where it stands: its own, or the one under its only media type. */
function schemaOf(
  node: Found['node'],
  path: Path,
  report: Report,
): { readonly schema: unknown; readonly path: Path; readonly isJson: boolean } {
  const { schema, content } = node;
  if (!isObject(content)) return { schema, path: [...path, 'schema'], isJson: false };
  const [[type, media] = ['', {}]] = Object.entries(content);
  if (!/^application\/(?:json|[^;]+\+json)$/i.test(type))
    report([...path, 'content', type], 'only JSON is read in a parameter');
  return {
    schema: isObject(media) ? media['schema'] : undefined,
    path: [...path, 'content', type, 'schema'],
    isJson: true,
  };
}

/** What compiling parameters needs of the contract. */
export interface ParameterContext {
  readonly report: Report;
  readonly shapeOf: (schema: unknown) => Shape;
  readonly matcherOf: (schema: unknown, path: Path) => () => Matcher;
}

/** Compiles one parameter object; undefined for a header that OpenAPI describes elsewhere. */
export function buildParameter(
  { node, path }: Found,
  { report, shapeOf, matcherOf }: ParameterContext,
): Parameter | undefined {
  const { name: stated, in: place, style, explode } = node;
  if (typeof stated !== 'string' || typeof place !== 'string' || !isPlace(place)) return undefined;
  const name = place === 'header' ? stated.toLowerCase() : stated;
  if (place === 'header' && ignoredHeaders.has(name)) return undefined;
  const { schema, path: at, isJson } = schemaOf(node, path, report);
  const chosen = typeof style === 'string' ? style : defaultStyles[place];
  if (chosen === 'matrix')
    report([...path, 'style'], 'matrix puts semicolons into the path, and every such path is refused');
  return {
    name,
    in: place,
    required: node['required'] === true,
    allowEmpty: node['allowEmptyValue'] === true,
    style: { style: chosen, explode: typeof explode === 'boolean' ? explode : chosen === 'form' },
    isJson,
    shape: shapeOf(schema),
    matcher: matcherOf(schema ?? true, at),
  };
}

/** The texts under a parameter's name; undefined: it is not there. */
function textsOf({ name, in: place }: Parameter, { request, path, query }: Given): readonly string[] | undefined {
  switch (place) {
    case 'path': {
      const text = path.get(name)?.text;
      return text === undefined ? undefined : [text];
    }
    case 'query':
      return query.values.get(name);
    case 'header':
      return request.headers.get(name);
    case 'cookie':
      return cookiesOf(request.headers).get(name);
    default:
      return place satisfies never;
  }
}

/** The values of an object that is spread over several names of the query; undefined: none of them is there. */
function spread(parameter: Parameter, { query }: Given): Values | 'absent' {
  const { name, shape, style } = parameter;
  const prefix = `${name}[`;
  const pairs = [...query.values].flatMap(([key, texts]) => {
    if (style.style !== 'deepObject') return shape.names.includes(key) ? texts.map((text) => [key, text] as const) : [];
    const inner = key.startsWith(prefix) && key.endsWith(']') ? key.slice(prefix.length, -1) : undefined;
    return inner === undefined || /[[\]]/.test(inner) ? [] : texts.map((text) => [inner, text] as const);
  });
  if (pairs.length === 0) return 'absent';
  const members = membersOf(pairs, shape);
  return members === undefined ? undefined : [members];
}

function valuesOf(parameter: Parameter, texts: readonly string[]): Values {
  const { in: place, style, shape, isJson } = parameter;
  const [text = '', ...others] = texts;
  if (isJson) {
    const value = others.length > 0 ? undefined : jsonOf(text);
    return value === undefined ? undefined : [value];
  }
  switch (place) {
    case 'path':
      return pathValues(text, shape, style);
    case 'header':
      // Lines of one header are one list (RFC 9110 section 5.2), and blanks stand beside its commas.
      if (others.length > 0 && !shape.types.has('array')) return undefined;
      return delimited(texts.join(',').replace(/[ \t]*,[ \t]*/g, ','), shape, ',', style.explode);
    case 'query':
    case 'cookie':
      return namedValues(texts, shape, style);
    default:
      return place satisfies never;
  }
}

function matched(matcher: Matcher, values: readonly Json[]): ParameterProblem | undefined {
  let problem: ParameterProblem | undefined;
  for (const value of values) {
    const [first] = matcher(value);
    if (first === undefined) return undefined;
    const { keyword, pointer, schemaPath } = first;
    problem ??= { problem: 'schema', keyword, pointer, schemaPath };
  }
  return problem;
}

/** Whether a list's delimiter stands both plain and percent-encoded in what was sent: readers differ on which of them divides. */
function isMixed({ name, in: place, shape }: Parameter, { request, path, query }: Given): boolean {
  if (!shape.types.has('array') && !shape.types.has('object')) return false;
  const index = place === 'path' ? path.get(name)?.index : undefined;
  return index === undefined
    ? place === 'query' && query.mixed.has(name)
    : mixes(request.path.split('/')[index + 1] ?? '');
}

/** Checks a parameter of a request; undefined: it matches, or is rightly absent. */
export function checkParameter(parameter: Parameter, given: Given): ParameterProblem | undefined {
  const spreading = parameter.in === 'query' && !parameter.isJson && spreads(parameter.shape, parameter.style);
  const texts = spreading ? undefined : textsOf(parameter, given);
  const values = spreading ? spread(parameter, given) : texts === undefined ? 'absent' : valuesOf(parameter, texts);
  if (values === 'absent') return parameter.required ? { problem: 'missing' } : undefined;
  if (parameter.allowEmpty && texts?.length === 1 && texts[0] === '') return undefined;
  if (isMixed(parameter, given)) return { problem: 'ambiguous' };
  if (values === undefined) return { problem: (texts?.length ?? 0) > 1 ? 'repeated' : 'style' };
  return matched(parameter.matcher(), values);
}
