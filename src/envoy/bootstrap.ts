import { isMap, isScalar, parseDocument, type Scalar, visit } from 'yaml';
import { SetupProblem } from './problem.ts';

/** What to change in a bootstrap: each map goes from what is written there to what is wanted. */
export interface Adaptation {
  readonly ports?: ReadonlyMap<number, number>;
  /** Addresses of sockets. */
  readonly addresses?: ReadonlyMap<string, string>;
  /** Files and folders; a folder stands for everything in it. */
  readonly paths?: ReadonlyMap<string, string>;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const portFields: ReadonlySet<string> = new Set(['port_value', 'port_redirect']);
const pathFields: ReadonlySet<string> = new Set(['filename', 'path']);
// Elsewhere "path" is a part of a request, not of the file system.
const pathOwners: ReadonlySet<string> = new Set(['path_config_source', 'watched_directory', 'pipe']);

/**
 * A shipped bootstrap with other ports, socket addresses and file paths, and nothing else changed: every other
 * character stays, comments too. What the adaptation does not name stays as it is.
 * Throws a SetupProblem when the text is not YAML.
 */
export function adaptBootstrap(text: string, adaptation: Adaptation): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new SetupProblem(`The bootstrap is not YAML: ${error.message}`);
  const edits: Edit[] = [];
  visit(document, {
    Pair: (_, pair, ancestors) => {
      if (!isScalar(pair.key) || !isScalar(pair.value) || !pair.value.range) return;
      const wanted = replacement(String(pair.key.value), pair.value, ownerOf(pair, ancestors), adaptation);
      const [start, end] = pair.value.range;
      if (wanted !== undefined) edits.push({ start, end, text: wanted });
    },
  });
  return edits.toReversed().reduce((all, edit) => all.slice(0, edit.start) + edit.text + all.slice(edit.end), text);
}

function replacement(field: string, value: Scalar, owner: string | undefined, to: Adaptation): string | undefined {
  const was = value.value;
  if (portFields.has(field) && typeof was === 'number') return to.ports?.get(was)?.toString();
  if (typeof was !== 'string') return undefined;
  if (field === 'address' && owner === 'socket_address') return quoted(to.addresses?.get(was));
  const isFile = pathFields.has(field) && (field === 'filename' || (owner !== undefined && pathOwners.has(owner)));
  return isFile ? quoted(movedPath(was, to.paths ?? new Map())) : undefined;
}

function movedPath(path: string, moves: ReadonlyMap<string, string>): string | undefined {
  for (const [from, to] of moves) {
    if (path === from) return to;
    if (path.startsWith(`${from}/`)) return `${to}${path.slice(from.length)}`;
  }
  return undefined;
}

/** The key under which the map of this pair stands. */
function ownerOf(pair: unknown, ancestors: readonly unknown[]): string | undefined {
  const map = ancestors.at(-1);
  const above = ancestors.at(-2);
  if (!isMap(map) || !map.items.some((item) => item === pair)) return undefined;
  const key = above !== null && typeof above === 'object' && 'key' in above ? above.key : undefined;
  return isScalar(key) ? String(key.value) : undefined;
}

const quoted = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : JSON.stringify(text);
