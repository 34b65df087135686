import type { CompiledProbes } from '../engine.ts';
import type { Scan } from '../gate/scanner.ts';
import type { AttackRule, Collection } from '../rule.ts';
import type { Changes } from './changes.ts';
import type { CompiledCondition } from './conditions.ts';
import type { Patterns } from './patterns.ts';
import type { Select } from './select.ts';
import type { Walk } from './walks.ts';

/** A rule that matched, and the text that its first condition found. */
export interface Match {
  readonly rule: AttackRule;
  /** In the words of the config, like query.q. */
  readonly place: string;
  /** As the condition saw it: decoded, perhaps changed. Secrets may be in it. */
  readonly text: string;
  /** Where in the text the match is, as far as that is known. */
  readonly at: number;
}

/** What became of a search. complete: everything was looked at; without it nothing may be let through on its word. */
export interface Detected {
  readonly matches: readonly Match[];
  readonly complete: boolean;
}

/** A rule that is ready. */
export interface CompiledRule {
  readonly rule: AttackRule;
  readonly conditions: readonly CompiledCondition[];
  /** Index of its first condition among the gated ones; -1: it is looked at for every request. */
  readonly candidate: number;
  /** What a match takes away. */
  readonly removes: readonly CompiledRemoval[];
  /** Places that it does not look at; undefined: it looks at all. */
  readonly excluded: ((place: string) => boolean) | undefined;
}

/** Rules that are no longer looked at, or not in some places. */
interface CompiledRemoval {
  readonly rules: ReadonlySet<string>;
  readonly target: { readonly collection: Collection; readonly select: Select | undefined } | undefined;
}

/** All that evaluate needs. */
export interface Compiled {
  readonly rules: readonly CompiledRule[];
  /** Where gated conditions look. */
  readonly walks: readonly Walk[];
  readonly candidates: number;
  readonly changes: Changes;
  readonly scan: Scan;
  readonly probes: CompiledProbes;
  readonly patterns: Patterns;
}
