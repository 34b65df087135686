import { isObject, type Json, type JsonObject } from '../../../core/json.ts';
import { below } from '../../content/collector.ts';
import type { Content, Part } from '../../content/content.ts';
import { mediaTypeList, parseMediaType } from '../../content/media-type.ts';
import type { Matcher, Mismatch } from '../schema-compile.ts';
import type { Shape } from '../shape.ts';
import { jsonOf, scalarOf } from './coerce.ts';
import type { Found } from './document.ts';
import type { ParameterContext } from './parameters.ts';
import { membersOf, namedValues, type Style } from './styles.ts';

/** What a media type object says of one property of a form. */
interface Encoding {
  readonly style: Style;
  /** Of a part, as the contract lists them; undefined: any. */
  readonly accepts: ((mediaType: string) => boolean) | undefined;
}

/** A media type of a request body, compiled. */
interface Media {
  readonly range: string;
  readonly shape: Shape;
  readonly encodings: ReadonlyMap<string, Encoding>;
  readonly matcher: (() => Matcher) | undefined;
}

/** The body of an operation's requests. */
export interface RequestBody {
  readonly required: boolean;
  /** The media types and ranges that the contract names. */
  readonly ranges: readonly string[];
  /** What the contract says of a media type; undefined: it has no such. */
  readonly find: (mediaType: string) => Media | undefined;
}

const formStyle: Style = { style: 'form', explode: true };

function encodingOf(given: unknown): Encoding {
  const { style, explode, contentType } = isObject(given) ? given : Object.create(null);
  const chosen = typeof style === 'string' ? style : 'form';
  const types = typeof contentType === 'string' ? contentType.split(',').map((type) => type.trim()) : [];
  return {
    style: { style: chosen, explode: typeof explode === 'boolean' ? explode : chosen === 'form' },
    accepts: types.length === 0 ? undefined : rangeList(types),
  };
}

/** Tells whether a type is in one of some ranges: image/png, image/*, application/*+json, *\/*. */
function rangeList(ranges: readonly string[]): (type: string) => boolean {
  const listed = mediaTypeList(ranges.map((range) => parseMediaType(range)?.type ?? range));
  const all = new Set(ranges);
  return (type) => listed(type) || all.has(`${type.slice(0, type.indexOf('/'))}/*`) || all.has('*/*');
}

/** Compiles a request body object. */
export function buildRequestBody({ node, path }: Found, { shapeOf, matcherOf }: ParameterContext): RequestBody {
  const content = isObject(node['content']) ? node['content'] : {};
  const media = Object.entries(content).map(([key, value]): Media => {
    const { schema, encoding } = isObject(value) ? value : Object.create(null);
    const named = Object.entries(isObject(encoding) ? encoding : {});
    return {
      range: parseMediaType(key)?.type ?? key.toLowerCase(),
      shape: shapeOf(schema),
      encodings: new Map(named.map(([name, given]) => [name, encodingOf(given)])),
      matcher: schema === undefined ? undefined : matcherOf(schema, [...path, 'content', key, 'schema']),
    };
  });
  const byRange = new Map(media.map((each) => [each.range, each]));
  const ofRange = (type: string): Media | undefined => {
    const plus = type.lastIndexOf('+');
    const family = type.slice(0, type.indexOf('/'));
    const suffixed = plus < 0 ? undefined : byRange.get(`${family}/*${type.slice(plus)}`);
    return byRange.get(type) ?? suffixed ?? byRange.get(`${family}/*`) ?? byRange.get('*/*');
  };
  return { required: node['required'] === true, ranges: [...byRange.keys()], find: ofRange };
}

const textsIn = (value: Json | undefined): readonly string[] | undefined => {
  const list: readonly Json[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.every((each) => typeof each === 'string') ? list : undefined;
};

/** The value of one property of a form, as its style writes it. */
function propertyOf(value: Json, shape: Shape, style: Style): Json {
  const texts = textsIn(value);
  if (texts === undefined) return value;
  const [text = ''] = texts;
  // Objects in a form are JSON where nothing else is said (OpenAPI 3, section 4.8.14.2).
  if (texts.length === 1 && shape.types.has('object') && !shape.types.has('string')) return jsonOf(text) ?? text;
  const values = namedValues(texts, shape, style);
  return values?.[0] ?? value;
}

/** Members written as name[member] (style deepObject), put together; the rest as they are. */
function nested(form: JsonObject, { shape, encodings }: Media): Record<string, Json> {
  const whole: Record<string, Json> = Object.assign(Object.create(null), form);
  for (const [name, { style }] of encodings) {
    if (style.style !== 'deepObject') continue;
    const keys = Object.keys(form).filter(
      (key) => key.startsWith(`${name}[`) && /^\[[^[\]]+\]$/.test(key.slice(name.length)),
    );
    const pairs = keys.map((key) => [key.slice(name.length + 1, -1), form[key]] as const);
    if (keys.length === 0 || pairs.some(([, text]) => typeof text !== 'string')) continue;
    for (const key of keys) delete whole[key];
    whole[name] =
      membersOf(
        pairs.map(([key, text]) => [key, String(text)] as const),
        shape.property(name),
      ) ?? null;
  }
  return whole;
}

function formOf(form: JsonObject, media: Media): Json {
  const whole = nested(form, media);
  for (const [name, value] of Object.entries(whole)) {
    whole[name] = propertyOf(value, media.shape.property(name), media.encodings.get(name)?.style ?? formStyle);
  }
  return whole;
}

/** What a part of a type that the contract does not list for its property mismatches. */
function checkParts(parts: readonly Part[], { encodings }: Media): Mismatch | undefined {
  const wrong = parts.find(({ name, mediaType = 'text/plain' }) => encodings.get(name)?.accepts?.(mediaType) === false);
  if (wrong === undefined) return undefined;
  const pointer = below('', wrong.name);
  return { pointer, keyword: 'contentType', member: undefined, schemaPath: `#/encoding${pointer}/contentType` };
}

/** Holds a body that was read against what the contract says of its media type; undefined where it says nothing of its value. */
export function matchBody({ value, format, parts = [] }: Content, media: Media): readonly Mismatch[] {
  const wrong = checkParts(parts, media);
  if (wrong !== undefined) return [wrong];
  if (media.matcher === undefined || value === undefined) return [];
  const matcher = media.matcher();
  switch (format) {
    case 'form':
    case 'multipart':
      // Both are read as objects.
      return matcher(formOf(value as JsonObject, media));
    case 'text':
      return matcher(typeof value === 'string' ? scalarOf(value, media.shape) : value);
    case 'ndjson':
      return matchLines(matcher, value);
    default:
      return matcher(value);
  }
}

/** Holds every line of NDJSON against a schema; the first that does not match tells. */
export function matchLines(matcher: Matcher, lines: Json): readonly Mismatch[] {
  for (const [index, line] of (Array.isArray(lines) ? lines : []).entries()) {
    const mismatches = matcher(line);
    if (mismatches.length > 0) return mismatches.map((each) => ({ ...each, pointer: `/${index}${each.pointer}` }));
  }
  return [];
}
