import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { Report } from '../../core/build.ts';
import { isObject, type Json } from '../../core/json.ts';
import { pathOfPointer } from '../../core/json-pointer.ts';
import { compilePattern } from '../pattern.ts';
import { comparingKeywords } from './schema-keywords.ts';
import { checkPatterns, checkReferences } from './schema-lint.ts';

/** One thing that does not match: never with the value or with text made from it. */
export interface Mismatch {
  /** RFC 6901, from the root of the body. */
  readonly pointer: string;
  readonly keyword: string;
  /** The member that required or dependentRequired misses: a name of the schema's. */
  readonly member: string | undefined;
  /** The place in the schema. */
  readonly schemaPath: string;
}

/** Checks a value; an empty list says that it matches. Throws only for a bug. */
export type Matcher = (value: Json) => readonly Mismatch[];

interface Dialect {
  readonly id: string;
  readonly create: (options: Options) => Ajv | Ajv2020;
}

/** JSON Schema 2020-12. */
export const draft2020: Dialect = {
  id: 'https://json-schema.org/draft/2020-12/schema',
  create: (options) => new Ajv2020(options),
};
const draft07: Dialect = { id: 'http://json-schema.org/draft-07/schema', create: (options) => new Ajv(options) };
const dialects: ReadonlyMap<string, Dialect> = new Map([draft2020, draft07].map((dialect) => [dialect.id, dialect]));

// Formats of the specification that are linear to check, and OpenAPI's integers. url and byte are not: the one takes
// quadratic time, the other is content with one good line among bad ones.
const formatNames = [
  'date date-time time duration email hostname ipv4 ipv6 uri uri-reference uri-template uuid',
  'json-pointer json-pointer-uri-fragment relative-json-pointer regex int32 int64 float double',
].flatMap((line) => line.split(' '));
const formats = Object.fromEntries(Object.entries(fullFormats).filter(([name]) => formatNames.includes(name)));

function engine(source: string) {
  const compiled = compilePattern(source);
  if ('problem' in compiled) throw new SyntaxError(compiled.problem);
  // ajv keeps compiled patterns apart by their text.
  return { test: compiled.pattern.test, toString: () => source };
}
const regExp = Object.assign(engine, { code: 'compilePattern' });

const options: Options = {
  strict: true,
  // Both refuse sound schemas: anyOf over required, tuples with optional items.
  strictRequired: false,
  strictTuples: false,
  allowUnionTypes: true,
  allErrors: false,
  ownProperties: true,
  validateFormats: true,
  validateSchema: false,
  logger: false,
  formats,
  code: { regExp },
};

/** The formats that are checked; others are none. */
export const knownFormats: ReadonlySet<string> = new Set(formatNames);

/** Checks schemas against their own meta-schema; compiled on first use, for that takes longer than everything else here. */
const metaValidators = new Map<Dialect, Ajv | Ajv2020>();
function metaErrors(dialect: Dialect, schema: Readonly<Record<string, unknown>>): readonly ErrorObject[] {
  const meta =
    metaValidators.get(dialect) ?? dialect.create({ strict: false, allErrors: true, logger: false, formats });
  metaValidators.set(dialect, meta);
  return meta.validateSchema(schema) === true ? [] : (meta.errors ?? []);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function mismatchOf(error: ErrorObject): Mismatch {
  const { missingProperty: missing }: Readonly<Record<string, unknown>> = error.params;
  return {
    pointer: error.instancePath,
    keyword: error.keyword,
    member: typeof missing === 'string' ? missing : undefined,
    schemaPath: error.schemaPath,
  };
}

/** A compiled schema as it is called. */
interface Validate {
  (value: unknown): unknown;
  errors?: ErrorObject[] | null;
}

const probes: readonly Json[] = [null, true, 0, '', [], Object.create(null)];

/** Checks by a compiled schema. Throws where the schema leads back to itself. */
export function matcherOf(validate: Validate): Matcher {
  const matches: Matcher = (value) => (validate(value) === true ? [] : (validate.errors ?? []).map(mismatchOf));
  // A $ref that leads back to itself shows on any value, and better now than with every request.
  for (const probe of probes) matches(probe);
  return matches;
}

/** Reports each place once, the first thing that is said of it. */
function oncePerPlace(report: Report): { readonly report: Report; readonly count: () => number } {
  const seen = new Set<string>();
  const once: Report = (path, message) => {
    const key = JSON.stringify(path);
    if (!seen.has(key)) report(path, message);
    seen.add(key);
  };
  return { report: once, count: () => seen.size };
}

/** Reports everything in a schema that cannot be taken; whether there is nothing. */
export function checkSchema(schema: Readonly<Record<string, unknown>>, dialect: Dialect, report: Report): boolean {
  const once = oncePerPlace(report);
  checkPatterns(schema, once.report);
  checkReferences(schema, [...dialects.keys()], once.report);
  for (const { instancePath, message } of metaErrors(dialect, schema)) {
    once.report(pathOfPointer(instancePath, schema), message ?? 'not valid');
  }
  return once.count() === 0;
}

/** An instance of ajv with the house's options and keywords. */
export function createAjv(dialect: Dialect, more: Options = {}): Ajv | Ajv2020 {
  const ajv = dialect.create({ ...options, ...more });
  for (const { keyword } of comparingKeywords) ajv.removeKeyword(String(keyword));
  for (const definition of comparingKeywords) ajv.addKeyword(definition);
  return ajv;
}

function compileChecked(document: object, report: Report): Matcher | undefined {
  // A plain copy: ajv does not take objects without prototype for schemas everywhere.
  const schema: Record<string, unknown> = JSON.parse(JSON.stringify(document));
  const { $schema: id = draft2020.id } = schema;
  const dialect = typeof id === 'string' ? dialects.get(id.replace(/#$/, '')) : undefined;
  if (dialect === undefined) {
    report(['$schema'], `unknown dialect; known are ${[...dialects.keys()].join(', ')}`);
    return undefined;
  }
  return checkSchema(schema, dialect, report) ? matcherOf(createAjv(dialect).compile(schema)) : undefined;
}

/** Why a schema cannot be compiled, for people. */
export const messageOfFailure = (error: unknown): string =>
  error instanceof RangeError ? 'a $ref leads back to itself' : messageOf(error);

/**
 * Compiles a JSON Schema (draft 2020-12, or draft-07 by its $schema) for values of the strict parser; undefined, with
 * every issue reported at its place, when it is none. Patterns run on a linear-time engine, nothing is fetched.
 */
export function compileSchema(document: unknown, report: Report): Matcher | undefined {
  if (!isObject(document)) {
    report([], 'a schema is an object');
    return undefined;
  }
  try {
    return compileChecked(document, report);
  } catch (error) {
    report([], messageOfFailure(error));
    return undefined;
  }
}
