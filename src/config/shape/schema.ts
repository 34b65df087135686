import { isDeepStrictEqual } from 'node:util';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { JsonSchema, Path } from '../../core/build.ts';
import { pathOfPointer } from '../../core/json-pointer.ts';
import { formats } from './formats.ts';
import { isDoubtfulName } from './secret-name.ts';
import { replaceUnions, type UnionParams } from './unions.ts';
import { either, kindOf, wordsFor } from './wording.ts';

/** Something in a value that its schema does not allow. */
export interface ShapeProblem {
  readonly path: Path;
  /** Whether the name of the member at the path is at fault, or its value. */
  readonly aim: 'key' | 'value';
  readonly message: string;
}

/** What a check may know of a value besides itself. */
interface ShapeOptions {
  /** Paths whose values no message may repeat, besides those with the name of a secret. */
  readonly concealed?: (path: Path) => boolean;
}

/** A compiled schema. */
export interface Shape {
  /** Every problem of the value, in the order of the schema. */
  check(value: unknown, options?: ShapeOptions): readonly ShapeProblem[];
}

const longestShown = 60;

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    // Code is made once for one config: to shorten it takes longer than it saves.
    code: { optimize: false },
    // The meta-schema would run on the keywords that are replaced below; the tests hold schemas against it.
    validateSchema: false,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    allowUnionTypes: true,
    formats: Object.fromEntries(Object.entries(formats).map(([name, { test }]) => [name, test])),
  });
  // Editors know it (VS Code's language servers), and so does the wording of a pattern.
  ajv.addKeyword('patternErrorMessage');
  replaceUnions(ajv);
  // The stock keyword calls methods of items, which objects without prototype do not have.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (wanted: boolean, items: readonly unknown[]) =>
      !wanted || items.every((item, at) => items.findIndex((other) => isDeepStrictEqual(item, other)) === at),
  });
  return ajv;
}

type Show = (value: unknown) => string | undefined;

/** Shows short strings and numbers, unless the path leads to something that may be a secret. */
function showAt(path: Path, concealed: (path: Path) => boolean): Show {
  const hidden = concealed(path) || path.some((segment) => typeof segment === 'string' && isDoubtfulName(segment));
  return (value) => {
    if (hidden || (typeof value !== 'string' && typeof value !== 'number')) return undefined;
    const text = JSON.stringify(value);
    return text.length <= longestShown ? text : undefined;
  };
}

function sentence({ want, have }: { readonly want: string; readonly have: string }): string {
  return have === '' ? want : `${want}, is ${have}`;
}

const missingIn = ({ missingProperty }: Readonly<Record<string, unknown>>): string | undefined =>
  typeof missingProperty === 'string' ? missingProperty : undefined;

function whenNoneFits({ alternatives, fitting }: UnionParams, data: unknown, show: Show): string {
  if (fitting > 1) return 'fits more than one of the allowed forms';
  const words = alternatives.map((error) => wordsFor(error, show));
  if (words.every(({ want }) => want.startsWith('must be '))) {
    const wants = words.map(({ want }) => want.slice('must be '.length));
    const typed = alternatives.some(({ keyword }) => keyword === 'type');
    return `must be ${either(wants)}, is ${(typed ? undefined : show(data)) ?? kindOf(data)}`;
  }
  const missing = alternatives.flatMap(({ params }) => missingIn(params) ?? []);
  if (missing.length === alternatives.length) return `must have one of: ${missing.join(', ')}`;
  return either(words.map(sentence));
}

/** The member that an error is about, below the place where it was found. */
function aimed(error: ErrorObject): { readonly below: Path; readonly aim: 'key' | 'value' } {
  const { additionalProperty }: Readonly<Record<string, unknown>> = error.params;
  const key = additionalProperty ?? error.propertyName;
  if (typeof key === 'string') return { below: [key], aim: 'key' };
  const missing = missingIn(error.params);
  return { below: missing === undefined ? [] : [missing], aim: 'value' };
}

function problemsOf(
  errors: readonly ErrorObject[],
  root: unknown,
  base: Path,
  concealed: (path: Path) => boolean,
): readonly ShapeProblem[] {
  return errors.flatMap((error): readonly ShapeProblem[] => {
    // These only say that what is reported beside them is wrong.
    if (error.keyword === 'if' || error.keyword === 'propertyNames') return [];
    const { below, aim } = aimed(error);
    const place = [...base, ...pathOfPointer(error.instancePath, root)];
    const path = [...place, ...below];
    const show = showAt(place, concealed);
    if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') {
      const words = wordsFor(error, show);
      const name = error.propertyName === undefined ? '' : 'the key ';
      return [{ path, aim, message: `${name}${sentence(words)}` }];
    }
    const params = error.params as UnionParams; // the union keyword made it
    if (params.errors.length > 0) return problemsOf(params.errors, error.data, place, concealed);
    return [{ path, aim, message: whenNoneFits(params, error.data, show) }];
  });
}

/** One problem for a place is enough: a wrong type explains all others there, and nothing stands twice. */
function distinct(problems: readonly ShapeProblem[]): readonly ShapeProblem[] {
  const seen = new Map<string, ShapeProblem>();
  for (const problem of problems) {
    const key = JSON.stringify([problem.path, problem.aim]);
    if (!seen.has(key)) seen.set(key, problem);
  }
  return [...seen.values()];
}

/**
 * Compiles a JSON Schema (2020-12) into a check that reports in our own words; throws for a schema that is none.
 *
 * Strings take the formats of this room (`duration`, `rate`, `bytes`, `prefix`, …). Values under the name of a secret
 * are never repeated.
 */
export function compileShape(schema: JsonSchema): Shape {
  const validate = createAjv().compile(schema);
  return {
    check: (value, options = {}) => {
      if (validate(value)) return [];
      return distinct(problemsOf(validate.errors ?? [], value, [], options.concealed ?? (() => false)));
    },
  };
}

/** The same for a schema of ours, compiled when it is first used: a command that checks nothing does not wait for it. */
export function shapeOf(schema: JsonSchema): Shape {
  let shape: Shape | undefined;
  return {
    check: (value, options) => {
      shape ??= compileShape(schema);
      return shape.check(value, options);
    },
  };
}

/** Every problem that a schema has with a value. */
export const validateShape = (value: unknown, schema: JsonSchema, options?: ShapeOptions): readonly ShapeProblem[] =>
  compileShape(schema).check(value, options);

/** The schema as the JSON text that editors read. */
export function publishSchema(schema: JsonSchema): string {
  return `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, null, 2)}\n`;
}
