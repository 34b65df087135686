import type { Ajv2020, ErrorObject, FuncKeywordDefinition, ValidateFunction } from 'ajv/dist/2020.js';
import type { DataValidateFunction } from 'ajv/dist/types/index.js';
import { isObject } from '../../core/json.ts';

/** What the forms of a union say of a value that fits none of them, or more than one. */
export interface UnionParams {
  /** The errors of the form that was most likely meant; paths are relative to the value. Empty: no form stands out. */
  readonly errors: readonly ErrorObject[];
  /** One error of each form that is as near as the others. */
  readonly alternatives: readonly ErrorObject[];
  /** How many forms it fits. */
  readonly fitting: number;
}

const atRoot = (error: ErrorObject): boolean => error.instancePath === '' && error.propertyName === undefined;

/** A form of constants of another type is as far off as one whose type says so. */
function isWrongType(error: ErrorObject): boolean {
  if (!atRoot(error)) return false;
  if (error.keyword === 'type') return true;
  const constants: readonly unknown[] = error.keyword === 'const' ? [error.schema] : [];
  const allowed = error.keyword === 'enum' && Array.isArray(error.schema) ? error.schema : constants;
  return allowed.length > 0 && allowed.every((value) => typeof value !== typeof error.data);
}

const discriminates = (error: ErrorObject): boolean =>
  ['additionalProperties', 'maxProperties'].includes(error.keyword) ||
  (['const', 'enum'].includes(error.keyword) && !atRoot(error));

/** Fewer surprises first: a member that a form does not know says more than one that it lacks. */
const misfit = (errors: readonly ErrorObject[]): number => errors.filter(discriminates).length * 100 + errors.length;

const propertiesOf = (error: ErrorObject): object => {
  const { properties }: Readonly<Record<string, unknown>> = error.parentSchema ?? {};
  return isObject(properties) ? properties : {};
};

/** Keys that no form knows, each held against the keys of all of them. */
function strangers(forms: readonly (readonly ErrorObject[])[]): readonly ErrorObject[] {
  const unknown = forms.map((errors) =>
    errors.filter((error) => error.keyword === 'additionalProperties' && atRoot(error)),
  );
  if (unknown.some((errors) => errors.length === 0)) return [];
  const properties = Object.assign({}, ...unknown.flat().map(propertiesOf));
  return (unknown[0] ?? []).map((error) => ({ ...error, parentSchema: { properties } }));
}

/** What to say when no form takes the value. */
function chooseForm(failures: readonly (readonly ErrorObject[])[]): UnionParams {
  const ofType = failures.filter((errors) => !errors.some(isWrongType));
  if (ofType.length === 0) {
    return { errors: [], alternatives: failures.flatMap((errors) => errors.find(isWrongType) ?? []), fitting: 0 };
  }
  const least = Math.min(...ofType.map(misfit));
  const near = ofType.filter((errors) => misfit(errors) === least);
  const [first = []] = near;
  if (near.length === 1) return { errors: first, alternatives: [], fitting: 0 };
  const unknown = strangers(near);
  if (unknown.length > 0) return { errors: unknown, alternatives: [], fitting: 0 };
  const single = near.every((errors) => errors.length === 1);
  return { errors: single ? [] : first, alternatives: single ? near.flat() : [], fitting: 0 };
}

type Forms = readonly ValidateFunction[];

/** Forms are compiled when they are first needed, and once: they may contain the union that they are part of. */
function lazyForms(ajv: Ajv2020): (schemas: readonly unknown[], definitions: unknown) => Forms {
  const compiled = new WeakMap<readonly unknown[], Forms>();
  return (schemas, definitions) => {
    const known = compiled.get(schemas);
    if (known !== undefined) return known;
    const forms = schemas.map((schema) => ajv.compile({ $defs: definitions, allOf: [schema] }));
    compiled.set(schemas, forms);
    return forms;
  };
}

function check(keyword: 'anyOf' | 'oneOf', forms: Forms, data: unknown): UnionParams | undefined {
  const failures = forms.flatMap((form) => (form(data) ? [] : [form.errors ?? []]));
  const fitting = forms.length - failures.length;
  if (fitting === 1 || (fitting > 1 && keyword === 'anyOf')) return undefined;
  return fitting === 0 ? chooseForm(failures) : { errors: [], alternatives: [], fitting };
}

/**
 * Puts keywords in place of anyOf and oneOf that keep the errors of their forms apart, as UnionParams.
 *
 * The stock keywords pour the errors of all forms into one list, where nobody can tell any more which form was meant.
 * Inside a union, `$ref` reaches the schema's `$defs` and nothing else.
 */
export function replaceUnions(ajv: Ajv2020): void {
  const formsOf = lazyForms(ajv);
  const define = (keyword: 'anyOf' | 'oneOf'): FuncKeywordDefinition => ({
    keyword,
    schemaType: 'array',
    compile: (schemas: readonly unknown[], _parent, it) => {
      const root = it.schemaEnv.root.schema;
      const { $defs: definitions = {} } = typeof root === 'object' ? root : {};
      const validate: DataValidateFunction = (data: unknown): boolean => {
        const params = check(keyword, formsOf(schemas, definitions), data);
        validate.errors = params === undefined ? [] : [{ keyword, params }];
        return params === undefined;
      };
      return validate;
    },
  });
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    ajv.removeKeyword(keyword);
    ajv.addKeyword(define(keyword));
  }
}
