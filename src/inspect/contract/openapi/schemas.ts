import type { Path, Report } from '../../../core/build.ts';
import { checkDefinitions, compileDefinitions, looksAround } from '../definitions.ts';
import type { Matcher } from '../schema-compile.ts';
import { type Document, targetOf } from './document.ts';
import { type Translation, translate } from './translation.ts';

/** The schemas of a document that its operations use, put together for one compilation. */
export interface Schemas {
  /** Takes the schema at a place; the name is for matcherOf. */
  readonly add: (schema: unknown, path: Path) => string;
  /** Reports what is wrong with the schemas so far. */
  readonly check: () => void;
  readonly matcherOf: (name: string) => Matcher;
  /** Whether they can only be compiled as one document. */
  readonly together: () => boolean;
  /** Compiles every schema, one at a step; those first that others lead to. */
  readonly compileAll: () => Generator<void>;
}

/** Opens a set of schemas for the operations of one document. */
export function openSchemas(document: Document, report: Report): Schemas {
  const names = new Map<string, string>();
  const places = new Map<string, Path>();
  const definitions = new Map<string, unknown>();
  let around = false;

  const add = (schema: unknown, path: Path): string => {
    const key = JSON.stringify(path);
    const known = names.get(key);
    if (known !== undefined) return known;
    const name = `s${names.size}`;
    names.set(key, name);
    places.set(name, path);
    // Its place in the order, before the ones that it leads to.
    definitions.set(name, true);
    const translated = translate(schema, path, translation);
    definitions.set(name, translated);
    around ||= looksAround(translated);
    return name;
  };

  const refer = (reference: string, place: Path): string => {
    const target = targetOf(reference, document, place, report);
    return target === undefined ? '#' : `#/$defs/${add(target.value, target.path)}`;
  };

  const peek = (reference: string): unknown => targetOf(reference, document, [], () => {})?.value;
  const translation: Translation = { legacy: document.version === '3.0', refer, peek, report };

  const placeOf = (name: string): Path => places.get(name) ?? [];
  const pointerOf = (path: Path): string =>
    path.map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const reportAt = (name: string, message: string): void => report(placeOf(name), message);
  const compile = lazily(() => compileDefinitions(definitions, around, reportAt));
  return {
    add,
    check: () => checkDefinitions(definitions, (name, path, message) => report([...placeOf(name), ...path], message)),
    together: () => around,
    compileAll: function* () {
      for (const name of [...definitions.keys()].toReversed()) {
        compile()(name);
        yield;
      }
    },
    matcherOf: (name) => {
      const matcher = compile()(name);
      return (value) =>
        matcher(value).map((mismatch) => ({
          ...mismatch,
          schemaPath: mismatch.schemaPath.replace(
            /^contract#\/\$defs\/(s\d+)/,
            (_, at: string) => `#${pointerOf(placeOf(at))}`,
          ),
        }));
    },
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
