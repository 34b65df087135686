import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../core/build.ts';
import { checkSchema, createAjv, draft2020, type Matcher, matcherOf, messageOfFailure } from './schema-compile.ts';
import { walkSchema } from './schema-walk.ts';

/** Schemas of draft 2020-12 that refer to each other by `#/$defs/NAME`. */
type Definitions = ReadonlyMap<string, unknown>;

type Validators = (name: string) => ValidateFunction;

const prefix = '#/$defs/';
const origin = 'contract';

/** The definitions as ajv takes them: its own copy, without other objects' prototypes. */
const bundleOf = (definitions: Definitions): { readonly $defs: Record<string, object | boolean> } => ({
  $defs: JSON.parse(JSON.stringify(Object.fromEntries(definitions))),
});

/** Reports everything in the definitions that cannot be taken, by the name of the definition and the path in it. */
export function checkDefinitions(
  definitions: Definitions,
  report: (name: string, ...issue: Parameters<Report>) => void,
): void {
  checkSchema(bundleOf(definitions), draft2020, ([, name, ...path], message) => report(String(name), path, message));
}

/** An ajv for requests: what says readOnly matches nothing. */
function createRequestAjv(): Ajv | Ajv2020 {
  const ajv = createAjv(draft2020, { strictTypes: false });
  ajv.removeKeyword('readOnly');
  return ajv.addKeyword({
    keyword: 'readOnly',
    schemaType: 'boolean',
    errors: false,
    validate: (demanded: boolean) => !demanded,
  });
}

/** The error with the place in its definition. In params, for ajv writes its own schemaPath over that of an error of refer. */
function placed(name: string, error: ErrorObject): ErrorObject {
  if ('place' in error.params) return error;
  const { schemaPath } = error;
  const place = schemaPath.startsWith(origin) ? schemaPath : `${origin}${prefix}${name}${schemaPath.slice(1)}`;
  return { ...error, params: { ...error.params, place } };
}

/** A definition, as ajv takes it, that calls others instead of referring to them. */
function linkedCopy(definition: unknown): object | boolean {
  const schema: object | boolean = JSON.parse(JSON.stringify(definition));
  for (const { node } of walkSchema(schema)) {
    const { $ref: reference } = node;
    if (typeof reference !== 'string') continue;
    // A copy that is ours alone.
    const own = node as Record<string, unknown>;
    own['refer'] = reference.slice(prefix.length);
    delete own['$ref'];
  }
  return schema;
}

/**
 * Compiles each definition by itself, and has them call each other: ajv's own way compiles what a schema refers to within
 * the schema, which takes a stack as deep as the longest chain of references. Equal definitions are compiled once.
 */
function linked(definitions: Definitions): Validators {
  const ajv = createRequestAjv();
  const validators = new Map<string, ValidateFunction>();
  const validatorOf: Validators = (name) => {
    const schema = linkedCopy(definitions.get(name) ?? false);
    const text = JSON.stringify(schema);
    const validate = validators.get(text) ?? ajv.compile(schema);
    validators.set(text, validate);
    return validate;
  };
  const refer: {
    (...given: readonly [string, unknown, unknown?, Parameters<ValidateFunction>[1]?]): boolean;
    errors?: ErrorObject[];
  } = (name, data, _parent, context) => {
    const validate = validatorOf(name);
    if (validate(data, context) === true) return true;
    refer.errors = (validate.errors ?? []).map((error) => placed(name, error));
    return false;
  };
  ajv.addKeyword({ keyword: 'refer', schemaType: 'string', errors: 'full', validate: refer });
  return validatorOf;
}

/** Compiles the definitions as one document, for the keywords that look at what other schemas have evaluated. */
function whole(definitions: Definitions): Validators {
  const ajv = createRequestAjv();
  ajv.addSchema(bundleOf(definitions), origin);
  return (name) => ajv.compile({ $ref: `${origin}${prefix}${name}` });
}

/** Whether a definition looks at what other schemas have evaluated: then all of them are compiled as one document. */
export const looksAround = (definition: unknown): boolean =>
  walkSchema(definition).some(({ node }) => 'unevaluatedProperties' in node || 'unevaluatedItems' in node);

/**
 * Compiles definitions that were checked, each when it is first asked for; together: as one document. The schemaPath of a
 * mismatch begins with `contract#/$defs/NAME`.
 */
export function compileDefinitions(
  definitions: Definitions,
  together: boolean,
  report: (name: string, message: string) => void,
): (name: string) => Matcher {
  const validatorOf = (together ? whole : linked)(definitions);
  const matchers = new Map<string, Matcher>();
  return (name) => {
    let matcher = matchers.get(name);
    try {
      matcher ??= matcherOf(named(name, validatorOf(name)));
    } catch (error) {
      report(name, messageOfFailure(error));
      // The plan is thrown away; whoever asks all the same gets a failure, never a match.
      matcher = () => {
        throw new Error('a schema that was not compiled');
      };
    }
    matchers.set(name, matcher);
    return matcher;
  };
}

/** A validator whose errors say of which definition they are. */
function named(name: string, validate: ValidateFunction): Validate {
  const asked: Validate = (value) => {
    const matches = validate(value) === true;
    asked.errors = matches
      ? null
      : (validate.errors ?? [])
          .map((error) => placed(name, error))
          .map((error) => ({ ...error, schemaPath: String(error.params['place']) }));
    return matches;
  };
  return asked;
}

type Validate = Parameters<typeof matcherOf>[0];
