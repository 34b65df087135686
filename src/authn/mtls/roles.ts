import type { BuildContext } from '../../core/build.ts';
import { isObject } from '../../core/json.ts';
import { listOfTexts, type Reader } from '../../core/options.ts';
import { isPlainText } from '../text.ts';
import { type AcceptedNames, wildcardOf } from './names.ts';

/** The roles of a name. */
export type RolesOf = (name: string) => ReadonlySet<string>;

/** Reads `roles`: roles by names that are accepted. */
export function readRoles(reader: Reader, names: AcceptedNames, context: BuildContext): RolesOf {
  const options = reader.raw('roles') ?? {};
  if (!isObject(options)) context.issue([], 'must be an object of lists');
  const byName = new Map<string, readonly string[]>();
  for (const [name, value] of isObject(options) ? Object.entries(options) : []) {
    const roles = listOfTexts(value);
    if (roles === undefined || !roles.every(isPlainText)) context.issue([name], 'must be a list of roles');
    else if (!names.accepts(name)) context.issue([name], 'is no name that this identity accepts');
    else byName.set(name, roles);
  }
  if (byName.size === 0) return () => nothing;
  return (name) => new Set(patternsOf(name).flatMap((pattern) => byName.get(pattern) ?? []));
}

const nothing: ReadonlySet<string> = new Set();

/** Every name and pattern that fits a name. */
function patternsOf(name: string): readonly string[] {
  const path = /^spiffe:\/\/[^/]+/.exec(name)?.[0];
  if (path === undefined) return [name, wildcardOf(name)];
  const patterns = [name, `${name}/**`];
  for (let end = name.lastIndexOf('/'); end >= path.length; end = name.lastIndexOf('/', end - 1)) {
    patterns.push(`${name.slice(0, end)}/**`);
  }
  return patterns;
}
