import { type BuildContext, silentContext } from '../core/build.ts';
import { foldedName } from '../core/header-name.ts';
import type { Subject } from '../core/plan.ts';
import { pass, type Reject, reject } from '../core/verdict.ts';
import type { Inspect, Inspection, ParametersOptions } from './inspection.ts';
import { parametersSchema } from './parameters-schema.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { commonForm, commonForms, parseQuery } from './query.ts';

type Place = 'path' | 'query' | 'headers';
type Problem = 'missing' | 'repeated' | 'pattern' | 'unknown' | 'ambiguous' | 'encoding';
type Check = (subject: Subject) => Reject | undefined;

/** Without a parameter where its name is the caller's. */
function mismatch(place: Place, problem: Problem, parameter?: string): Reject {
  const expose = { ...(parameter === undefined ? {} : { parameter }), in: place, problem };
  return reject('parameter_mismatch', { inspection: 'parameters', ...expose }, { expose });
}

/** The patterns of one place by name; a name that stands twice and a pattern that cannot be compiled are issues. */
function compileAll(
  patterns: Readonly<Record<string, string>> | undefined,
  context: BuildContext,
  nameOf: (name: string) => string = (name) => name,
): ReadonlyMap<string, Pattern> {
  const all = new Map<string, Pattern>();
  for (const [key, source] of Object.entries(patterns ?? {})) {
    const name = nameOf(key);
    const compiled = compilePattern(source);
    if ('problem' in compiled) context.issue([key], `not a pattern for the linear-time engine: ${compiled.problem}`);
    else if (all.has(name)) context.issue([key], 'stands here twice, for header names have no case');
    else all.set(name, compiled.pattern);
  }
  return all;
}

function checkRequired(names: readonly string[], listed: ReadonlySet<string>, context: BuildContext): void {
  for (const [index, name] of names.entries()) {
    if (!listed.has(name)) context.issue([index], `${name} has no pattern; give it one`);
  }
}

function buildPath(options: ParametersOptions, known: readonly string[] | undefined, context: BuildContext): Check {
  for (const name of Object.keys(options.path ?? {})) {
    if (known?.includes(name) === false) {
      const names = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
      context.issue(['path', name], `the rule's path has no segment {${name}}; ${names}`);
    }
  }
  const patterns = compileAll(options.path, context.at('path'));
  return ({ parameters }) => {
    for (const [name, pattern] of patterns) {
      const value = parameters.get(name);
      if (value === undefined) return mismatch('path', 'missing', name);
      if (!pattern.matches(value)) return mismatch('path', 'pattern', name);
    }
    return undefined;
  };
}

function buildQuery(options: ParametersOptions, context: BuildContext): Check {
  const required = options.required_query ?? [];
  checkRequired(required, new Set(Object.keys(options.query ?? {})), context.at('required_query'));
  const patterns = compileAll(options.query, context.at('query'));
  const forms = new Set([...patterns.keys()].map(commonForm));
  const deny = options.unknown_query === 'deny';
  if (patterns.size === 0 && !deny) return () => undefined;
  return ({ request }) => {
    // Some readers begin a parameter at a semicolon too, where nothing here would check it.
    if (request.query.includes(';')) return mismatch('query', 'ambiguous');
    const parameters = parseQuery(request.query);
    if (parameters === undefined) return mismatch('query', 'encoding');
    const seen = new Set<string>();
    for (const { name, value } of parameters) {
      const pattern = patterns.get(name);
      if (pattern === undefined) {
        if (deny) return mismatch('query', 'unknown');
        if (commonForms(name).some((form) => forms.has(form))) return mismatch('query', 'ambiguous');
      } else {
        if (seen.has(name)) return mismatch('query', 'repeated', name);
        if (!pattern.matches(value)) return mismatch('query', 'pattern', name);
        seen.add(name);
      }
    }
    const absent = required.find((name) => !seen.has(name));
    return absent === undefined ? undefined : mismatch('query', 'missing', absent);
  };
}

function buildHeaders(options: ParametersOptions, context: BuildContext): Check {
  const lower = (name: string): string => name.toLowerCase();
  const required = (options.required_headers ?? []).map(lower);
  checkRequired(required, new Set(Object.keys(options.headers ?? {}).map(lower)), context.at('required_headers'));
  const patterns = compileAll(options.headers, context.at('headers'), lower);
  if (patterns.size === 0) return () => undefined;
  const spelled = new Set([...patterns.keys()].map(foldedName));
  return ({ request }) => {
    for (const [name, pattern] of patterns) {
      const [value, ...others] = request.headers.get(name) ?? [];
      if (others.length > 0) return mismatch('headers', 'repeated', name);
      if (value === undefined ? required.includes(name) : !pattern.matches(value)) {
        return mismatch('headers', value === undefined ? 'missing' : 'pattern', name);
      }
    }
    // An upstream may take "x_tenant" for "x-tenant", and nothing here would have looked at its value.
    for (const name of request.headers.keys()) {
      if (!patterns.has(name) && spelled.has(foldedName(name))) return mismatch('headers', 'ambiguous');
    }
    return undefined;
  };
}

interface ParametersSpec {
  readonly parameters: ParametersOptions;
  readonly pathParameters: readonly string[] | undefined;
}

function buildChecks({ parameters, pathParameters }: ParametersSpec, context: BuildContext): Inspect {
  const checks = [
    buildPath(parameters, pathParameters, context),
    buildQuery(parameters, context),
    buildHeaders(parameters, context),
  ];
  return (subject) => {
    for (const check of checks) {
      const refused = check(subject);
      if (refused !== undefined) return refused;
    }
    return pass();
  };
}

/** Values of the path, the query and headers against allowlist patterns. */
export const parametersInspection: Inspection = Object.freeze({
  key: 'parameters',
  schema: parametersSchema,
  heavy: false,
  build({ parameters, pathParameters }, context) {
    if (parameters === undefined) return undefined;
    const spec: ParametersSpec = { parameters, pathParameters };
    return { spec, inspect: buildChecks(spec, context.at('parameters')), onFailure: 'deny', mode: 'enforce' };
  },
  // The very spec that build gave.
  compile: (spec) => buildChecks(spec as ParametersSpec, silentContext),
} satisfies Inspection);
