import { isAlias, isMap, isScalar, type ParsedNode, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Path } from '../../core/build.ts';
import type { Substitute } from './environment.ts';
import { numberProblem } from './scalar.ts';

/** Where a node stands, as offsets into the text. */
export interface Place {
  /** Of the member's name; undefined for the root and for items. */
  readonly key: number | undefined;
  readonly value: number;
  /** A scalar that has a text of its own. */
  readonly scalar: boolean;
  /** Its value came from the environment. */
  readonly substituted: boolean;
  readonly members: ReadonlyMap<string | number, Place>;
}

/** A value with the places of all its nodes; problems make the value worthless. */
export interface Converted {
  readonly value: unknown;
  readonly place: Place;
  readonly problems: readonly { readonly path: Path; readonly message: string; readonly offset: number }[];
}

interface Conversion {
  readonly substitute: Substitute | undefined;
  readonly problems: { readonly path: Path; readonly message: string; readonly offset: number }[];
  /** The latest node of each anchor. */
  readonly anchors: Map<string, ParsedNode>;
  /** Nodes that are being converted: an alias to one of them would never end. */
  readonly open: Set<ParsedNode>;
  /** Nodes that came out of aliases so far. */
  expanded: number;
}

interface Spot {
  readonly path: Path;
  readonly key: number | undefined;
  /** The offset for a node that is not there. */
  readonly at: number;
  readonly depth: number;
  readonly aliased: boolean;
}

type Node = Pick<Converted, 'value' | 'place'>;

const maxDepth = 64;
const maxExpanded = 10_000;
const noMembers: ReadonlyMap<string | number, Place> = new Map();

const report = (state: Conversion, path: Path, offset: number, message: string): void => {
  state.problems.push({ path, offset, message });
};

const leaf = (spot: Spot, value: unknown, offset: number, scalar: boolean, substituted = false): Node => ({
  value,
  place: { key: spot.key, value: offset, scalar, substituted, members: noMembers },
});

function convertScalar(state: Conversion, node: Scalar.Parsed, spot: Spot): Node {
  const [offset] = node.range;
  const { value } = node;
  if (typeof value === 'number') {
    const problem = numberProblem(value, node.source);
    if (problem !== undefined) report(state, spot.path, offset, problem);
  }
  if (typeof value !== 'string' || state.substitute === undefined) {
    return leaf(spot, value, offset, node.source !== '' || node.type !== Scalar.PLAIN);
  }
  const result = state.substitute(value, node.type === Scalar.PLAIN);
  for (const problem of result.problems) report(state, spot.path, offset, problem);
  return leaf(spot, result.value, offset, true, result.changed);
}

/** Why a node cannot be the name of a member; undefined when it can. */
function keyProblem(key: ParsedNode | null): string | undefined {
  if (!isScalar(key)) return 'has a key that is no string';
  if (key.tag !== undefined || key.anchor !== undefined) return 'is a key with a tag or an anchor';
  if (typeof key.value !== 'string') {
    return key.source === '' ? 'has an empty key' : 'is a key that is no string; put it in quotes';
  }
  if (key.value === '__proto__') return 'is not allowed as a key';
  const merge = key.value === '<<' && key.type === Scalar.PLAIN;
  return merge ? 'merge keys are not supported; write the members out' : undefined;
}

function convertMap(state: Conversion, node: YAMLMap.Parsed, spot: Spot): Node {
  const value: Record<string, unknown> = Object.create(null);
  const members = new Map<string, Place>();
  const inner = { depth: spot.depth + 1, aliased: spot.aliased };
  for (const pair of node.items) {
    const key: ParsedNode | null = pair.key; // its type forgets that a key can be left out
    const at = key?.range[0] ?? node.range[0];
    const problem = keyProblem(key);
    const written = isScalar(key) && key.source !== '' ? [...spot.path, key.source] : spot.path;
    if (problem !== undefined) report(state, written, at, problem);
    // An alias has been looked into where its anchor stands.
    if (problem !== undefined && isAlias(pair.value)) continue;
    // A member without a proper name is still looked into: all problems are told at once.
    const name = problem === undefined && isScalar(key) ? String(key.value) : undefined;
    const path = name === undefined ? spot.path : [...spot.path, name];
    const member = convertNode(state, pair.value, { ...inner, path, key: at, at });
    if (name === undefined) continue;
    if (members.has(name)) report(state, path, at, 'stands twice');
    value[name] = member.value;
    members.set(name, member.place);
  }
  return { value, place: { key: spot.key, value: node.range[0], scalar: false, substituted: false, members } };
}

function convertSeq(state: Conversion, node: YAMLSeq.Parsed, spot: Spot): Node {
  const value: unknown[] = [];
  const members = new Map<number, Place>();
  const inner = { key: undefined, at: node.range[0], depth: spot.depth + 1, aliased: spot.aliased };
  for (const [index, item] of node.items.entries()) {
    // The composer gives pairs only inside !!omap and !!pairs, which the core schema does not know.
    const member = convertNode(state, item as ParsedNode, { ...inner, path: [...spot.path, index] });
    value.push(member.value);
    members.set(index, member.place);
  }
  return { value, place: { key: spot.key, value: node.range[0], scalar: false, substituted: false, members } };
}

function convertAlias(state: Conversion, name: string, offset: number, spot: Spot): Node {
  const target = state.anchors.get(name);
  const nothing = leaf(spot, undefined, offset, true);
  if (target === undefined) {
    report(state, spot.path, offset, `the alias *${name} names no anchor above it`);
    return nothing;
  }
  if (state.open.has(target)) {
    report(state, spot.path, offset, `the alias *${name} contains itself`);
    return nothing;
  }
  if (state.expanded > maxExpanded) return nothing;
  return convertNode(state, target, { ...spot, aliased: true });
}

function convertNode(state: Conversion, node: ParsedNode | null, spot: Spot): Node {
  if (node === null) return leaf(spot, null, spot.key ?? spot.at, false);
  const [offset] = node.range;
  if (isAlias(node)) return convertAlias(state, node.source, offset, spot);
  if (spot.aliased) {
    state.expanded += 1;
    if (state.expanded === maxExpanded + 1) report(state, spot.path, offset, 'the aliases grow beyond 10,000 nodes');
    if (state.expanded > maxExpanded) return leaf(spot, undefined, offset, true);
  }
  if (node.tag !== undefined) report(state, spot.path, offset, `tags are not supported (${node.tag})`);
  if (spot.depth > maxDepth) {
    report(state, spot.path, offset, `is nested deeper than ${maxDepth} levels`);
    return leaf(spot, undefined, offset, true);
  }
  if (node.anchor !== undefined) state.anchors.set(node.anchor, node);
  state.open.add(node);
  const converted = isScalar(node)
    ? convertScalar(state, node, spot)
    : isMap(node)
      ? convertMap(state, node, spot)
      : convertSeq(state, node, spot);
  state.open.delete(node);
  return converted;
}

/** Turns composed nodes into values without prototypes, with all places, and reports what is not allowed. */
export function convert(root: ParsedNode | null, substitute: Substitute | undefined): Converted {
  const state: Conversion = { substitute, problems: [], anchors: new Map(), open: new Set(), expanded: 0 };
  const { value, place } = convertNode(state, root, { path: [], key: undefined, at: 0, depth: 0, aliased: false });
  // With aliases cut off there is nothing left to look at.
  return { value: state.expanded > maxExpanded ? undefined : value, place, problems: state.problems };
}
