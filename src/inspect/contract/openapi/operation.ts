import type { NormalRequest } from '../../../core/attributes.ts';
import type { Field } from '../../content/content.ts';
import { commonForm, commonForms } from '../../query.ts';
import type { RequestBody } from './bodies.ts';
import { checkParameter, type Given, type Parameter, type ParameterProblem, type Place } from './parameters.ts';
import { matchTemplate, type Template } from './paths.ts';
import { readQuery } from './query-reading.ts';

/** One operation of a contract, compiled. */
export interface Operation {
  /** Its operationId, else its method and path: for people. */
  readonly id: string;
  readonly method: string;
  readonly template: Template;
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | undefined;
  /** Query parameters that carry credentials. */
  readonly keys: ReadonlySet<string>;
}

/** A refusal of a parameter: the place and the contract's own name of it, none where the name is the caller's. */
export interface ParameterRefusal extends ParameterProblem {
  readonly in: Place;
  readonly parameter?: string;
}

type Named = Pick<Field, 'in' | 'role' | 'name'>;

/** Names of the query that are none of the operation's: refused where the rule is strict, and anyhow where careless readers take one for a name of it. */
function strangers({ parameters, keys }: Operation, { query }: Given, strict: boolean): ParameterRefusal | undefined {
  const ofQuery = parameters.filter(({ in: place }) => place === 'query');
  const known = new Set([
    ...keys,
    ...ofQuery.flatMap(({ name, shape, style }) =>
      style.style === 'form' && style.explode && shape.types.has('object') ? [name, ...shape.names] : [name],
    ),
  ]);
  const deep = ofQuery.filter(({ style }) => style.style === 'deepObject').map(({ name }) => `${name}[`);
  const forms = new Set([...known].map(commonForm));
  for (const name of query.values.keys()) {
    if (known.has(name) || deep.some((prefix) => name.startsWith(prefix))) continue;
    if (strict) return { in: 'query', problem: 'unknown' };
    if (commonForms(name).some((form) => forms.has(form))) return { in: 'query', problem: 'ambiguous' };
  }
  return undefined;
}

/** Checks the parameters of a request to an operation; undefined: they match. */
export function checkParameters(
  operation: Operation,
  request: NormalRequest,
  path: Given['path'],
  strict: boolean,
): ParameterRefusal | undefined {
  const asks = strict || operation.parameters.some(({ in: place }) => place === 'query');
  const read = asks ? readQuery(request.query) : { values: new Map(), mixed: new Set<string>() };
  if (typeof read === 'string') return { in: 'query', problem: read };
  const given: Given = { request, path, query: read };
  for (const parameter of operation.parameters) {
    const problem = checkParameter(parameter, given);
    if (problem !== undefined) return { in: parameter.in, parameter: parameter.name, ...problem };
  }
  return asks ? strangers(operation, given, strict) : undefined;
}

const provesTexts = ({ shape, isJson }: Parameter): boolean =>
  !isJson && (shape.proven || (shape.types.has('array') && shape.types.size === 1 && shape.item(0).proven));

/** What an operation's parameters have proven of a request's texts. */
export function provenParameters({ parameters }: Operation, path: Given['path']): (field: Named) => boolean {
  const proven = new Set(
    parameters
      .filter(provesTexts)
      .map(({ in: place, name }) => `${place} ${place === 'path' ? (path.get(name)?.index ?? '') : name}`),
  );
  const named = new Set(parameters.map(({ in: place, name }) => `${place} ${name}`));
  return ({ in: place, role, name }) => {
    if (place === 'body') return false;
    return role === 'name' ? named.has(`${place} ${name}`) : role === 'value' && proven.has(`${place} ${name}`);
  };
}

/** An operation and the parameters of its path. */
interface Called {
  readonly operation: Operation;
  readonly path: Given['path'];
}

const indexOf = (method: string, segments: number): string => `${method} ${segments}`;

/** Puts operations, in the order in which they are tried, where a request finds its own. */
export function indexOperations(operations: readonly Operation[]): (request: NormalRequest) => Called | undefined {
  const index = Map.groupBy(operations, ({ method, template }) => indexOf(method, template.segments.length));
  return ({ method, segments }) => {
    for (const operation of index.get(indexOf(method, segments.length)) ?? []) {
      const path = matchTemplate(operation.template, segments);
      if (path !== undefined) return { operation, path };
    }
    return undefined;
  };
}
