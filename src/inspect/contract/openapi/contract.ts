import type { Path, Report } from '../../../core/build.ts';
import { isObject } from '../../../core/json.ts';
import { openShapes } from '../shape.ts';
import { buildRequestBody } from './bodies.ts';
import { type Document, type Found, find } from './document.ts';
import { indexOperations, type Operation } from './operation.ts';
import { buildParameter, type Parameter, type ParameterContext } from './parameters.ts';
import { moreConcrete, parseTemplate, type Template, templateKey } from './paths.ts';
import { openSchemas, type Schemas } from './schemas.ts';
import { basePaths } from './servers.ts';

/** A compiled contract: finds the operation of a request. */
export type Contract = ReturnType<typeof indexOperations>;

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
type Context = ParameterContext & { readonly document: Document; readonly keys: ReadonlySet<string> };

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The parameters of a path and of its operation, which override those of the path by name and place. */
function parametersOf(
  lists: readonly (readonly [unknown, Path])[],
  { document, ...context }: Context,
): readonly Parameter[] {
  const found = new Map<string, Found>();
  for (const [list, path] of lists) {
    for (const [index, each] of listOf(list).entries()) {
      const parameter = find(each, [...path, index], document, context.report);
      if (parameter !== undefined) found.set(`${parameter.node['in']} ${parameter.node['name']}`, parameter);
    }
  }
  return [...found.values()].flatMap((each) => buildParameter(each, context) ?? []);
}

function checkNames(template: Template, parameters: readonly Parameter[], place: Path, { report }: Context): void {
  const declared = parameters.filter(({ in: where }) => where === 'path').map(({ name }) => name);
  for (const name of template.names) {
    if (!declared.includes(name)) report(place, `has no parameter for {${name}} of its path`);
  }
  for (const name of declared) {
    if (!template.names.includes(name)) report(place, `has the path parameter ${name}, which its path does not have`);
  }
}

function buildOperation(
  method: string,
  node: Found['node'],
  place: Path,
  item: Found,
  template: Template,
  context: Context,
): Operation {
  const parameters = parametersOf(
    [
      [item.node['parameters'], [...item.path, 'parameters']],
      [node['parameters'], [...place, 'parameters']],
    ],
    context,
  );
  checkNames(template, parameters, place, context);
  const { requestBody, operationId } = node;
  const body =
    requestBody === undefined
      ? undefined
      : find(requestBody, [...place, 'requestBody'], context.document, context.report);
  return {
    id: typeof operationId === 'string' ? operationId : `${method.toUpperCase()} ${String(place[1])}`,
    method: method.toUpperCase(),
    template,
    parameters,
    body: body && buildRequestBody(body, context),
    keys: context.keys,
  };
}

/** The operations of one path, once for each of its base paths. */
function operationsOf(
  text: string,
  given: unknown,
  basePath: string | undefined,
  context: Context,
): readonly Operation[] {
  const place: Path = ['paths', text];
  const { document, report } = context;
  const item = find(given, place, document, report);
  if (item === undefined) return [];
  return methods.flatMap((method) => {
    const node = item.node[method];
    if (!isObject(node)) return [];
    const bases = basePaths(basePath, node['servers'], item.node['servers'], document.root['servers']);
    return bases.flatMap((base) => {
      const template = parseTemplate(`${base}${text}`, place, report);
      return template === undefined
        ? []
        : [buildOperation(method, node, [...item.path, method], item, template, context)];
    });
  });
}

/** Names of query parameters that carry API keys. */
function keysOf({ root }: Document): ReadonlySet<string> {
  const { components } = root;
  const schemes = isObject(components) && isObject(components['securitySchemes']) ? components['securitySchemes'] : {};
  return new Set(
    Object.values(schemes).flatMap((scheme) =>
      isObject(scheme) && scheme['type'] === 'apiKey' && scheme['in'] === 'query' ? [String(scheme['name'])] : [],
    ),
  );
}

function checkTwins(operations: readonly Operation[], report: Report): void {
  const seen = new Map<string, string>();
  for (const { method, template, id } of operations) {
    const key = `${method} ${templateKey(template)}`;
    const twin = seen.get(key);
    if (twin !== undefined && twin !== id) report(['paths'], `${id} and ${twin} take the same requests`);
    seen.set(key, id);
  }
}

/** What the parts of a contract are compiled with. */
function contextOf(document: Document, report: Report): { readonly context: Context; readonly schemas: Schemas } {
  const schemas = openSchemas(document, report);
  const context: Context = {
    document,
    report,
    shapeOf: openShapes(document.root, document.version === '3.0'),
    matcherOf: (schema, path) => {
      const name = schemas.add(schema, path);
      return () => schemas.matcherOf(name);
    },
    keys: keysOf(document),
  };
  return { context, schemas };
}

/**
 * Which schemas are compiled with a contract. all: every issue shows now and not with a request. needed: of a document without
 * issues those that cannot wait; each other one when a request first asks for it.
 */
type Eagerness = 'all' | 'needed';

/** Compiles a document whose form is sound to its operations, in one go. */
export function buildContract(...given: Parameters<typeof contractSteps>): Contract {
  const steps = contractSteps(...given);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Compiles a document whose form is sound to its operations, in steps of a few milliseconds. */
export function* contractSteps(
  document: Document,
  basePath: string | undefined,
  report: Report,
  eagerness: Eagerness,
): Generator<void, Contract> {
  let issues = 0;
  const counting: Report = (path, message) => {
    issues += 1;
    report(path, message);
  };
  const { context, schemas } = contextOf(document, counting);
  const paths = isObject(document.root['paths']) ? document.root['paths'] : {};
  const operations: Operation[] = [];
  for (const [text, item] of Object.entries(paths)) {
    if (text.startsWith('/')) operations.push(...operationsOf(text, item, basePath, context));
    yield;
  }
  checkTwins(operations, counting);
  if (eagerness === 'all') schemas.check();
  // Schemas that are compiled together take far too long for the first request.
  if (issues === 0 && (eagerness === 'all' || schemas.together())) yield* schemas.compileAll();
  return indexOperations(operations.toSorted((a, b) => moreConcrete(a.template, b.template)));
}
