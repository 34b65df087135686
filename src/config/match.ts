import type { BuildContext } from '../core/build.ts';
import { compileHostPattern, compilePathPattern, type PathPattern } from '../core/path-pattern.ts';
import type { Considered, Rule } from '../core/plan.ts';

/** Which requests are meant, as its schema lets it through. */
export interface MatchOptions {
  readonly hosts?: readonly string[];
  readonly path?: string;
  readonly methods?: readonly string[];
}

/** A compiled match. */
interface BuiltMatch {
  readonly consider: Rule['consider'];
  /** The names of the path's `{name}` segments; undefined when the path has issues. */
  readonly pathNames: readonly string[] | undefined;
}

const differs = Object.freeze({
  host: Object.freeze({ matches: false, why: 'host' }),
  path: Object.freeze({ matches: false, why: 'path' }),
  method: Object.freeze({ matches: false, why: 'method' }),
} as const satisfies Record<string, Considered>);

const anyPath: PathPattern = Object.freeze({ names: [], match: () => new Map() });

const unread: BuiltMatch = Object.freeze({ consider: () => differs.path, pathNames: undefined });

/**
 * Compiles a match, which takes any path, host and method where it names none; one whose shape is bad is undefined, and takes
 * nothing. Issues are reported at the context.
 */
export function buildMatch(match: MatchOptions | undefined, context: BuildContext): BuiltMatch {
  if (match === undefined) return unread;
  const path = match.path === undefined ? anyPath : compilePath(match.path, context.at('path'));
  const hosts = match.hosts?.map((text, index) => {
    const result = compileHostPattern(text);
    if (!result.ok) context.issue(['hosts', index], `"${text}" ${result.problem}`);
    return result.ok ? result.pattern.match : () => false;
  });
  const methods = match.methods && new Set(match.methods);
  const consider = (request: Parameters<Rule['consider']>[0]): Considered => {
    if (hosts !== undefined && !hosts.some((matches) => matches(request.host))) return differs.host;
    const parameters = path?.match(request.segments);
    if (parameters === undefined) return differs.path;
    if (methods !== undefined && !methods.has(request.method)) return differs.method;
    return { matches: true, parameters };
  };
  return { consider, pathNames: path?.names };
}

function compilePath(text: string, context: BuildContext): PathPattern | undefined {
  const result = compilePathPattern(text);
  if (result.ok) return result.pattern;
  context.issue([], `"${text}" ${result.problem}`);
  return undefined;
}
