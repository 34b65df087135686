import { isObject } from '../../core/json.ts';
import { compilePattern } from '../pattern.ts';

type Node = Readonly<Record<string, unknown>>;

/** What a schema says of the kind of a value, before any value is there. */
export interface Shape {
  /** JSON Schema's types that a value may have; empty: nothing is said. */
  readonly types: ReadonlySet<string>;
  /** Whether what matches is a scalar, of a form in which no attack fits. */
  readonly proven: boolean;
  /** Whether what matches is neither a list nor an object. */
  readonly scalar: boolean;
  /** The names under `properties`. */
  readonly names: readonly string[];
  readonly item: (index: number) => Shape;
  readonly property: (name: string) => Shape;
}

/** A schema that a value must match, or, when it is not certain, one of several. */
interface Part {
  readonly node: Node;
  readonly certain: boolean;
}

// No letter of these says anything to an interpreter: digits, hyphens, colons, T, Z and the like. An address is left out:
// it can be the one at which a cloud tells its secrets.
const harmlessFormats: ReadonlySet<unknown> = new Set(['uuid', 'date', 'date-time', 'time']);
const harmlessTypes: ReadonlySet<unknown> = new Set(['integer', 'number', 'boolean', 'null']);
// One word: with blanks it could be SQL beside a number, with dots and colons the host of an address.
const harmlessPattern =
  /^\^(?:\[(?:[A-Za-z0-9_]|\\[dw])(?:[A-Za-z0-9_-]|\\[dw])*\]|\\[dw])(?:[*+?]|\{\d+(?:,\d*)?\})?\$$/;
// Of what harmlessPattern takes, a range could still span more than it names: "[A-z]".
const plainRanges = /A-Z|a-z|0-9|-\]/g;
const hops = 64;

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

function typesOf({ type, properties, items, prefixItems, enum: values, const: constant }: Node): readonly string[] {
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  if (Array.isArray(values)) return values.map(typeOf);
  if (constant !== undefined) return [typeOf(constant)];
  if (properties !== undefined) return ['object'];
  return items === undefined && prefixItems === undefined ? [] : ['array'];
}

const isHarmlessPattern = (pattern: unknown): boolean =>
  typeof pattern === 'string' &&
  harmlessPattern.test(pattern) &&
  !pattern.replace(plainRanges, '').includes('-') &&
  'pattern' in compilePattern(pattern);

const saysScalar = ({ type, enum: values, const: constant }: Node): boolean => {
  const types = typesOf({ type, enum: values, const: constant });
  return types.length > 0 && types.every((each) => each !== 'array' && each !== 'object');
};

function saysHarmless(node: Node): boolean {
  if ('enum' in node || 'const' in node || isHarmlessPattern(node['pattern'])) return true;
  // A format speaks of texts alone, and texts are what attacks are looked for in.
  if (harmlessFormats.has(node['format'])) return true;
  const types = typesOf(node);
  return types.length > 0 && types.every((type) => harmlessTypes.has(type));
}

/** How schemas of one document lead to each other. */
interface Paths {
  /** The schema and all that it is put together from. */
  readonly flatten: (schema: unknown, certain: boolean) => readonly Part[];
  /** Whether every value that matches the schema matches one of which this can be said. */
  readonly holds: (schema: unknown, says: (node: Node) => boolean) => boolean;
}

/** What a pointer in a document leads to; undefined: nowhere, or out of it. */
function follow(document: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined;
  let value = document;
  for (const segment of reference.slice(1).split('/').slice(1)) {
    const name = decoded(segment).replaceAll('~1', '/').replaceAll('~0', '~');
    value =
      (isObject(value) || Array.isArray(value)) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }
  return value;
}

function openPaths(document: unknown, legacy: boolean): Paths {
  const flatten = (schema: unknown, certain: boolean, depth = 0): readonly Part[] => {
    if (!isObject(schema) || depth > hops) return [];
    const { $ref: reference, allOf, anyOf, oneOf } = schema;
    const target = typeof reference === 'string' ? flatten(follow(document, reference), certain, depth + 1) : [];
    if (legacy && typeof reference === 'string') return target;
    const branches = (list: unknown, sure: boolean): readonly Part[] =>
      Array.isArray(list) ? list.flatMap((branch) => flatten(branch, sure, depth + 1)) : [];
    const choices = [...branches(anyOf, false), ...branches(oneOf, false)];
    return [{ node: schema, certain }, ...target, ...branches(allOf, certain), ...choices];
  };
  const holds = (schema: unknown, says: (node: Node) => boolean, depth = 0): boolean => {
    if (!isObject(schema) || depth > hops) return false;
    const { $ref: reference, allOf, anyOf, oneOf } = schema;
    if (typeof reference === 'string' && holds(follow(document, reference), says, depth + 1)) return true;
    if (legacy && typeof reference === 'string') return false;
    const below = (branch: unknown): boolean => holds(branch, says, depth + 1);
    if (says(schema) || (Array.isArray(allOf) && allOf.some(below))) return true;
    return [anyOf, oneOf].some((list) => Array.isArray(list) && list.length > 0 && list.every(below));
  };
  return { flatten, holds };
}

/** Schemas that a value must match, or, when they are not certain, may have matched. */
type Claims = readonly { readonly schema: unknown; readonly certain: boolean }[];

function joined(claims: Claims, paths: Paths): Shape {
  const parts = claims.flatMap(({ schema, certain }) => paths.flatten(schema, certain));
  const proves = (says: (node: Node) => boolean): boolean =>
    claims.some(({ schema, certain }) => certain && paths.holds(schema, says));
  const properties = parts.flatMap(({ node, certain }) =>
    isObject(node['properties']) ? [{ certain, named: node['properties'] }] : [],
  );
  const pick = (of: (node: Node) => unknown): Shape =>
    joined(
      parts.map(({ node, certain }) => ({ schema: of(node), certain })),
      paths,
    );
  return {
    types: new Set(parts.flatMap(({ node }) => typesOf(node))),
    proven: proves(saysScalar) && proves(saysHarmless),
    scalar: proves(saysScalar),
    names: [...new Set(properties.flatMap(({ named }) => Object.keys(named)))],
    item: (index) => pick(({ prefixItems, items }) => itemOf(Array.isArray(items) ? items : prefixItems, items, index)),
    property: (name) => {
      const declared = properties.flatMap(({ certain, named }) =>
        Object.hasOwn(named, name) ? [{ schema: named[name], certain }] : [],
      );
      return declared.length > 0 ? joined(declared, paths) : pick(({ additionalProperties }) => additionalProperties);
    },
  };
}

/**
 * Opens the shapes of a document's schemas. legacy: what stands beside a $ref counts for nothing (OpenAPI 3.0, draft-07). A
 * reference that leads nowhere in the document says nothing.
 */
export function openShapes(document: unknown, legacy: boolean): (schema: unknown) => Shape {
  const paths = openPaths(document, legacy);
  return (schema) => joined([{ schema, certain: true }], paths);
}

const itemOf = (prefix: unknown, items: unknown, index: number): unknown =>
  Array.isArray(prefix) && index < prefix.length ? prefix[index] : items;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
