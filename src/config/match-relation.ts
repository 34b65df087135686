import { canonicalHost } from '../core/host.ts';
import type { MatchOptions } from './match.ts';

/** How many of the requests that one match takes another takes, too: all of them, perhaps some, or none. */
type Relation = 'all' | 'some' | 'none';

/** How many requests of a match another takes, too. Both have compiled without issues. */
export function relationOf(other: MatchOptions, match: MatchOptions): Relation {
  const parts = [
    relationOfSets(other.methods, match.methods, (taken, method) => (taken === method ? 'all' : 'none')),
    relationOfSets(other.hosts, match.hosts, relationOfHosts),
    relationOfPaths(other.path ?? '/**', match.path ?? '/**'),
  ];
  return allOf(parts);
}

const allOf = (parts: readonly Relation[]): Relation =>
  parts.includes('none') ? 'none' : parts.includes('some') ? 'some' : 'all';

/** Of lists that take whatever one of their items takes; undefined takes everything. */
function relationOfSets(
  other: readonly string[] | undefined,
  match: readonly string[] | undefined,
  relate: (other: string, item: string) => Relation,
): Relation {
  if (other === undefined) return 'all';
  if (match === undefined) return 'some';
  const relations = match.map((item) => {
    const found = other.map((one) => relate(one, item));
    return found.includes('all') ? 'all' : found.includes('some') ? 'some' : 'none';
  });
  const [first = 'none'] = relations;
  return relations.every((relation) => relation === first) ? first : 'some';
}

/** Of `api.example.com` and `*.example.com`, whose star takes one or more labels. */
function relationOfHosts(other: string, host: string): Relation {
  const [theirs, ours] = [readHost(other), readHost(host)];
  if (theirs.wild && ours.name.endsWith(`.${theirs.name}`)) return 'all';
  if (theirs.name === ours.name) return theirs.wild === ours.wild ? 'all' : 'none';
  return ours.wild && theirs.name.endsWith(`.${ours.name}`) ? 'some' : 'none';
}

function readHost(text: string): { readonly name: string; readonly wild: boolean } {
  const wild = text.startsWith('*.');
  const name = wild ? text.slice(2) : text;
  return { name: canonicalHost(name) ?? name, wild };
}

function relationOfPaths(other: string, path: string): Relation {
  const [theirs, ours] = [readPath(other), readPath(path)];
  const shared = Math.min(theirs.segments.length, ours.segments.length);
  const parts = theirs.segments
    .slice(0, shared)
    .map((segment, at) => relationOfSegments(segment, ours.segments[at] ?? ''));
  return allOf([...parts, relationOfLengths(theirs, ours)]);
}

interface PathShape {
  readonly segments: readonly string[];
  /** Whether whatever follows is taken, too: a closing `/**`. */
  readonly open: boolean;
}

function readPath(path: string): PathShape {
  const open = path.endsWith('/**');
  const text = open ? path.slice(0, -3) : path;
  return { segments: text === '' ? [] : text.slice(1).split('/'), open };
}

function relationOfLengths(theirs: PathShape, ours: PathShape): Relation {
  const more = ours.segments.length - theirs.segments.length;
  if (theirs.open && more >= 0) return 'all';
  if (ours.open) return theirs.open || more <= 0 ? 'some' : 'none';
  return more === 0 ? 'all' : 'none';
}

const isName = (segment: string): boolean => segment.startsWith('{');

/** Of literals and `{name}`, which takes every segment that is not empty. */
function relationOfSegments(theirs: string, ours: string): Relation {
  if (isName(theirs)) return ours === '' ? 'none' : 'all';
  if (isName(ours)) return theirs === '' ? 'none' : 'some';
  return theirs === ours ? 'all' : 'none';
}
