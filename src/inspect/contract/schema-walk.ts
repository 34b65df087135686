import type { Path } from '../../core/build.ts';
import { isObject } from '../../core/json.ts';

const one = 'one';
const many = 'many';
const named = 'named';

/** Keywords that hold schemas, and how: one, an array of them (or one), or a map from names to them. */
export const holders: ReadonlyMap<string, 'one' | 'many' | 'named'> = new Map([
  ['additionalItems', one],
  ['additionalProperties', one],
  ['contains', one],
  ['else', one],
  ['if', one],
  ['not', one],
  ['propertyNames', one],
  ['then', one],
  ['unevaluatedItems', one],
  ['unevaluatedProperties', one],
  ['allOf', many],
  ['anyOf', many],
  ['items', many],
  ['oneOf', many],
  ['prefixItems', many],
  ['$defs', named],
  ['definitions', named],
  ['dependencies', named],
  ['dependentSchemas', named],
  ['patternProperties', named],
  ['properties', named],
]);

type Node = Readonly<Record<string, unknown>>;

function* below(value: unknown, path: Path, kind: 'one' | 'many' | 'named'): Generator<readonly [unknown, Path]> {
  if (kind === many && Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield [item, [...path, index]];
  } else if (kind === named && isObject(value)) {
    for (const [name, item] of Object.entries(value)) yield [item, [...path, name]];
  } else {
    yield [value, path];
  }
}

/** Every schema object in a schema document with its path, the outermost first; values such as const and examples are no schemas. */
export function* walkSchema(schema: unknown, path: Path = []): Generator<{ readonly node: Node; readonly path: Path }> {
  if (!isObject(schema)) return;
  yield { node: schema, path };
  for (const [keyword, value] of Object.entries(schema)) {
    const kind = holders.get(keyword);
    if (kind === undefined) continue;
    for (const [item, place] of below(value, [...path, keyword], kind)) yield* walkSchema(item, place);
  }
}
