import { boundsOf, type MetricSpec } from './metric-spec.ts';
import { metrics } from './names.ts';

/** A name of the metric table. */
export type MetricName = keyof typeof metrics;
type NameOf<Type extends MetricSpec['type']> = {
  [N in MetricName]: (typeof metrics)[N]['type'] extends Type ? N : never;
}[MetricName];
type StringFor<Names extends readonly string[]> = { readonly [I in keyof Names]: string };
type LabelsOf<N extends MetricName> = StringFor<(typeof metrics)[N]['labels']>;

/** One label set of a metric and what was counted for it. */
export interface Cell {
  /** In the order of the metric's label names. */
  readonly labels: readonly string[];
  /** The value of a counter or gauge, the sum of a histogram. */
  value: number;
  /** Observations in each of a histogram's buckets, the last one unbounded; empty for others. */
  readonly counts: Float64Array;
}

/** A metric with its label sets. */
export interface Family {
  readonly spec: MetricSpec;
  readonly cells: readonly Cell[];
}

/** Our own counters: cheap enough to touch on every call. Nothing here throws. */
export interface Cells {
  add<N extends NameOf<'counter'>>(name: N, labels: LabelsOf<N>, by?: number): void;
  /** Sets a gauge, or a counter that somebody else keeps. */
  set<N extends NameOf<'gauge' | 'counter'>>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Sets a gauge and forgets its other label sets. */
  replace<N extends NameOf<'gauge'>>(name: N, labels: LabelsOf<N>, value: number): void;
  /** Adds an observation in seconds to a histogram. */
  observe<N extends NameOf<'histogram'>>(name: N, labels: LabelsOf<N>, seconds: number): void;
  /** Replaces all label sets of a metric by what somebody else has counted. */
  load<N extends MetricName>(name: N, cells: readonly Cell[]): void;
  /** Has a probe run before somebody looks next; another one under the same key takes its place. */
  defer(key: string, probe: Probe): void;
  /** Runs the probes, then gives every metric as it stands. */
  collect(): readonly Family[];
}

/** Refreshes cells that are only worth a look when somebody asks. */
export type Probe = (cells: Cells) => void;

// A tree of labels rather than a joined key: no string is built per call, and no two label sets can meet in one key.
interface Branch {
  readonly children: Map<string, Branch>;
  cell: Cell | undefined;
}
interface OpenFamily {
  readonly spec: MetricSpec;
  root: Branch;
  cells: Cell[];
}

const noCounts = new Float64Array(0);
const openBranch = (): Branch => ({ children: new Map(), cell: undefined });
const openFamily = (spec: MetricSpec): OpenFamily => ({ spec, root: openBranch(), cells: [] });

/** Empty cells for every metric of the table; label sets beyond the bound of a metric are counted together as `other`. */
export function createCells(probes: readonly Probe[] = [], maxLabelSets = 1000): Cells {
  const families = Object.fromEntries(
    Object.entries<MetricSpec>(metrics).map(([name, spec]): [string, OpenFamily] => [name, openFamily(spec)]),
  ) as Record<MetricName, OpenFamily>; // Built from the keys of the table itself.
  for (const family of Object.values(families)) if (family.spec.labels.length === 0) cellOf(family, [], 1);

  const find = (name: MetricName, labels: readonly string[]): Cell => cellOf(families[name], labels, maxLabelSets);
  const deferred = new Map<string, Probe>();
  const cells: Cells = {
    add: (name, labels, by = 1) => {
      find(name, labels).value += by;
    },
    set: (name, labels, value) => {
      find(name, labels).value = value;
    },
    replace: (name, labels, value) => {
      families[name].root = openBranch();
      families[name].cells = [];
      find(name, labels).value = value;
    },
    observe: (name, labels, seconds) => {
      const cell = find(name, labels);
      const bucket = bucketOf(seconds, boundsOf(families[name].spec));
      cell.value += seconds;
      cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    },
    load: (name, loaded) => {
      families[name].root = openBranch();
      families[name].cells = [...loaded];
    },
    defer: (key, probe) => void deferred.set(key, probe),
    collect: () => {
      for (const probe of [...probes, ...deferred.values()]) probe(cells);
      deferred.clear();
      return Object.values(families);
    },
  };
  return cells;
}

function cellOf(family: OpenFamily, labels: readonly string[], max: number): Cell {
  let branch = family.root;
  for (const label of labels) {
    let next = branch.children.get(label);
    if (next === undefined) {
      if (family.cells.length >= max)
        return cellOf(
          family,
          labels.map(() => 'other'),
          Number.POSITIVE_INFINITY,
        );
      next = openBranch();
      branch.children.set(label, next);
    }
    branch = next;
  }
  if (branch.cell === undefined) {
    const histogram = family.spec.type === 'histogram';
    const counts = histogram ? new Float64Array(boundsOf(family.spec).length + 1) : noCounts;
    branch.cell = { labels: [...labels], value: 0, counts };
    family.cells.push(branch.cell);
  }
  return branch.cell;
}

// Bounds are inclusive; most observations fall into the first few buckets, so a walk beats a binary search.
function bucketOf(seconds: number, bounds: readonly number[]): number {
  let index = 0;
  for (const bound of bounds) {
    if (seconds <= bound) break;
    index += 1;
  }
  return index;
}
