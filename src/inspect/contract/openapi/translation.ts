import type { Path, Report } from '../../../core/build.ts';
import { isObject } from '../../../core/json.ts';
import { knownFormats } from '../schema-compile.ts';
import { holders } from '../schema-walk.ts';
import { selected } from './discriminator.ts';

type Node = Readonly<Record<string, unknown>>;

/** What the translation of a schema needs of the document. */
export interface Translation {
  /** OpenAPI 3.0: its own dialect of JSON Schema. */
  readonly legacy: boolean;
  /** What takes the place of a reference in the document. */
  readonly refer: (reference: string, place: Path) => string;
  /** What a reference leads to; undefined: nothing. */
  readonly peek: (reference: string) => unknown;
  readonly report: Report;
}

// They say something to people, or nothing that a request can break.
const annotations: ReadonlySet<string> = new Set(
  'title description default example examples externalDocs xml deprecated writeOnly $comment contentEncoding contentMediaType contentSchema discriminator nullable'.split(
    ' ',
  ),
);
const assertions: ReadonlySet<string> = new Set([
  ...holders.keys(),
  ...'type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern format'.split(
    ' ',
  ),
  ...'maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired'.split(
    ' ',
  ),
  ...'$ref readOnly'.split(' '),
]);

/** What 3.0 says in words of its own, in those of JSON Schema 2020-12. */
function modernize(out: Record<string, unknown>, node: Node): void {
  if (node['nullable'] === true && typeof node['type'] === 'string') out['type'] = [node['type'], 'null'];
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof node[flag] !== 'boolean') continue;
    delete out[flag];
    if (node[flag] !== true || out[bound] === undefined) continue;
    out[flag] = out[bound];
    delete out[bound];
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Whether the schema of a property says that it only ever stands in responses. */
function isReadOnly(schema: unknown, { legacy, peek }: Translation): boolean {
  if (!isObject(schema)) return false;
  const { $ref: reference, readOnly } = schema;
  if (readOnly === true && !(legacy && reference !== undefined)) return true;
  const target = typeof reference === 'string' ? peek(reference) : undefined;
  return isObject(target) && target['readOnly'] === true;
}

function held(keyword: string, value: unknown, path: Path, by: Translation): unknown {
  const kind = holders.get(keyword);
  if (kind === 'many' && Array.isArray(value)) return value.map((item, index) => translate(item, [...path, index], by));
  if (kind === 'named' && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, translate(item, [...path, name], by)]),
    );
  }
  return kind === undefined ? value : translate(value, path, by);
}

/** The keywords of a schema that say what a request may be, in 2020-12. */
function keywordsOf(schema: Node, path: Path, by: Translation): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const place = [...path, keyword];
    if (annotations.has(keyword) || keyword.startsWith('x-')) continue;
    if (!assertions.has(keyword)) by.report(place, `unknown keyword "${keyword}"`);
    else if (keyword === '$ref') out['$ref'] = by.refer(String(value), place);
    else if (keyword === 'format' && !knownFormats.has(String(value))) continue;
    else if (keyword !== 'readOnly' || value === true) out[keyword] = held(keyword, value, place, by);
  }
  if (by.legacy) modernize(out, schema);
  const { required, properties } = schema;
  if (Array.isArray(required) && isObject(properties)) {
    // What only responses have is required of responses alone.
    out['required'] = required.filter((name) => !Object.hasOwn(properties, name) || !isReadOnly(properties[name], by));
  }
  return out;
}

/** A schema of OpenAPI 3.0 or 3.1 as one of JSON Schema 2020-12 that says the same of requests. */
export function translate(schema: unknown, path: Path, by: Translation): unknown {
  if (!isObject(schema)) return schema;
  const { $ref: reference, discriminator } = schema;
  if (by.legacy && typeof reference === 'string') return { $ref: by.refer(reference, [...path, '$ref']) };
  const out = keywordsOf(schema, path, by);
  if (!isObject(discriminator)) return out;
  const choices = ['oneOf', 'anyOf'].flatMap((keyword) =>
    listOf(schema[keyword]).map((branch, index) => ({ branch, path: [...path, keyword, index] })),
  );
  return selected(out, discriminator, choices, {
    refer: by.refer,
    place: [...path, 'discriminator'],
    report: by.report,
  });
}
