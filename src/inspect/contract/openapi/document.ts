import { Validator } from '@seriousme/openapi-schema-validator';
import type { ValidateFunction } from 'ajv';
import type { Path, Report } from '../../../core/build.ts';
import { isObject } from '../../../core/json.ts';
import { pathOfPointer } from '../../../core/json-pointer.ts';

/** The dialects of OpenAPI that are read. */
type Version = '3.0' | '3.1';

/** An OpenAPI document whose form is sound. */
export interface Document {
  readonly version: Version;
  readonly root: Readonly<Record<string, unknown>>;
}

/** A part of the document, and where it stands once all references are followed. */
export interface Found {
  readonly node: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

const maxHops = 32;
const maxIssues = 50;

/** The meta-schemas are read from the package's own files and compiled at the first use, for that takes a tenth of a second. */
const validators = new Map<Version, ValidateFunction>();
function validatorOf(version: Version): ValidateFunction {
  const known = validators.get(version);
  if (known !== undefined) return known;
  const validator = new Validator({ allErrors: true, logger: false });
  // The types name the asynchronous way only; this one gives what that way runs, and needs no promise.
  const { getAjvValidator } = validator as unknown as { getAjvValidator(version: Version): ValidateFunction };
  const validate = getAjvValidator.call(validator, version);
  validators.set(version, validate);
  return validate;
}

// What a choice says when all its branches fail, after the branches have said why.
const choices: ReadonlySet<string> = new Set(['oneOf', 'anyOf', 'if', 'not', 'allOf']);

function checkForm(root: object, version: Version, report: Report): boolean {
  const validate = validatorOf(version);
  if (validate(root) === true) return true;
  const errors = validate.errors ?? [];
  // Where a reference or an object may stand, the branch of the reference says that it is none.
  const telling = errors.filter(
    ({ keyword, params }) =>
      !choices.has(keyword) && !(keyword === 'required' && Object(params).missingProperty === '$ref'),
  );
  const seen = new Set<string>();
  for (const { instancePath, message, params } of telling.length > 0 ? telling : errors) {
    if (seen.has(instancePath) || seen.size >= maxIssues) continue;
    seen.add(instancePath);
    const { additionalProperty: extra, unevaluatedProperty: left = extra } = Object(params);
    const unknown = typeof left === 'string' ? `: ${left}` : '';
    report(pathOfPointer(instancePath, root), `${message ?? 'not valid'}${unknown}`);
  }
  return false;
}

const versionOf = (text: unknown): Version | undefined => {
  const match = typeof text === 'string' ? /^3\.([01])\.\d+$/.exec(text) : null;
  return match === null ? undefined : match[1] === '0' ? '3.0' : '3.1';
};

/** A document of OpenAPI 3.0 or 3.1, parsed from JSON, whose form is sound; undefined, with every issue reported at its place, when it is none. */
export function openDocument(given: unknown, report: Report): Document | undefined {
  if (!isObject(given)) {
    report([], 'an OpenAPI document is an object');
    return undefined;
  }
  const version = versionOf(given['openapi']);
  if (version === undefined) {
    report('openapi' in given ? ['openapi'] : [], 'must say openapi: 3.0.x or 3.1.x');
    return undefined;
  }
  return checkForm(given, version, report) ? { version, root: given } : undefined;
}

/** A document that openDocument has taken before, or a copy of it. */
export function reopenDocument(given: unknown): Document {
  const root = isObject(given) ? given : {};
  const version = versionOf(root['openapi']);
  if (version === undefined) throw new Error('a document that was sound is not');
  return { version, root };
}

function step(value: unknown, name: string): unknown {
  return (isObject(value) || Array.isArray(value)) && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** Where a reference within the document leads; undefined, with the issue reported, when it leads out of it or nowhere. */
export function targetOf(
  reference: string,
  { root }: Document,
  place: Path,
  report: Report,
): { readonly value: unknown; readonly path: Path } | undefined {
  if (!reference.startsWith('#')) {
    report(place, `${reference} is not in this document and nothing is fetched: put it under components`);
    return undefined;
  }
  let pointer: string;
  try {
    pointer = decodeURIComponent(reference.slice(1));
  } catch {
    pointer = '?';
  }
  const path = pathOfPointer(pointer, root);
  const value = path.reduce<unknown>((at, segment) => step(at, String(segment)), root);
  if (value === undefined || (pointer !== '' && !pointer.startsWith('/'))) {
    report(place, `${reference} leads nowhere in this document`);
    return undefined;
  }
  return { value, path };
}

/** The object at a place, its references followed; undefined, with the issue reported, when there is none. */
export function find(value: unknown, path: Path, document: Document, report: Report): Found | undefined {
  let found = { value, path };
  for (let hops = 0; hops < maxHops; hops += 1) {
    if (!isObject(found.value)) break;
    const { $ref: reference } = found.value;
    if (typeof reference !== 'string') return { node: found.value, path: found.path };
    const target = targetOf(reference, document, [...found.path, '$ref'], report);
    if (target === undefined) return undefined;
    found = target;
  }
  report(path, 'leads to no object');
  return undefined;
}
