import type { BanTarget } from '../core/ban.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Finding, FindingSubject } from '../core/finding.ts';
import type { Observation } from '../core/observation.ts';
import type { Hash, Key } from './hash.ts';

/** An observation with its names hashed, once for all detectors. It is used again: none may keep it. */
export interface Sight {
  observation: Observation;
  readonly network: Key;
  readonly principal: Key;
  /** Of all detectors (openRoutes); 0: it is not told apart. */
  route: number;
}

/** What a detector says while something goes on: each time it notices, not only at first. */
export interface Sign {
  readonly subject: FindingSubject;
  readonly title: string;
  readonly measure: Finding['measure'];
  readonly technique: string | undefined;
  /** Who could be acted against. */
  readonly blame: readonly BanTarget[];
  /** Milliseconds since the epoch: when it began, as far as is known, and now. */
  readonly sinceMs: number;
  readonly atMs: number;
}

/** What a detector gets. */
export interface DetectorDeps {
  readonly hash: Hash;
  /** A finding ends by itself when nothing is said of it for a while. */
  readonly raise: (sign: Sign) => void;
}

/** A detector that runs: memory bounded whatever it sees, time the same for each observation. */
export interface Detector {
  take(sight: Sight): void;
  /** Time goes on, about once a second; milliseconds since the epoch. */
  tick(nowMs: number): void;
}

/** A row of the table: how a detector is configured and opened. Options are as the schema lets them through, then as build fills them. */
export interface DetectorKind {
  /** In a sentence, what it finds. */
  readonly description: string;
  /** Its thresholds: properties of its part of the config. */
  readonly schema: Readonly<Record<string, JsonSchema>>;
  /** Whether it must learn what is usual before it may speak: the default of warm_up is then that of all detection. */
  readonly learns: boolean;
  /** Fills in defaults; issues go to the context. What it gives is compared by value: a reload that does not change it keeps what was learnt. */
  prepare(options: Readonly<Record<string, unknown>>, context: BuildContext): PreparedDetector;
}

/** A detector that could run. */
export interface PreparedDetector {
  readonly options: unknown;
  open(deps: DetectorDeps): Detector;
}

/** The row of a detector with options of its own type. */
export function detectorKind<O>(kind: {
  readonly description: string;
  readonly schema: Readonly<Record<string, JsonSchema>>;
  readonly learns: boolean;
  build(options: Readonly<Record<string, unknown>>, context: BuildContext): O;
  open(options: O, deps: DetectorDeps): Detector;
}): DetectorKind {
  const { description, schema, learns } = kind;
  const prepare: DetectorKind['prepare'] = (raw, context) => {
    const options = kind.build(raw, context);
    return { options, open: (deps) => kind.open(options, deps) };
  };
  return Object.freeze({ description, schema, learns, prepare });
}

/** Whom a network or a principal is to a ban. */
export const blameOf = ({ network, principal }: Pick<Observation, 'network' | 'principal'>): readonly BanTarget[] => {
  if (principal !== undefined) return [{ kind: 'principal', key: principal }];
  return network === '' ? [] : [{ kind: 'address', prefix: network }];
};
