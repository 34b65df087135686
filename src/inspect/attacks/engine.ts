import type { Transform } from './rule.ts';

/** What an engine searches for: the operators whose cost grows with the text. */
export type ProbeOperator =
  | { readonly kind: 'rx'; readonly pattern: string }
  | { readonly kind: 'phrases'; readonly phrases: readonly string[] }
  | { readonly kind: 'sqli' }
  | { readonly kind: 'xss' };

/** One search: the text, transformed, matches. */
export interface Probe {
  readonly transforms: readonly Transform[];
  /** The operator looks at the text after each transform, not only after the last. */
  readonly everyStage: boolean;
  readonly operator: ProbeOperator;
}

/** Which texts one probe looks at, by their index. */
export interface ProbeTexts {
  /** The index of the probe in the list that was compiled. */
  readonly probe: number;
  readonly texts: readonly number[];
}

/** A probe that matched a text. */
export interface Hit {
  readonly probe: number;
  readonly text: number;
}

/** What a run found. complete: every probe saw the whole of every text that it was given; without it nothing may be let through on this run's word. */
export interface EngineRun {
  readonly hits: readonly Hit[];
  readonly complete: boolean;
}

/** Probes that are ready to run; each thread has its own. */
export interface CompiledProbes {
  /** All (probe, text) pairs that match. budgetMs: once it is spent the run ends, incomplete. Throws only for a bug. */
  run(texts: readonly string[], looks: readonly ProbeTexts[], budgetMs: number): EngineRun;
  close(): void;
}

/** A way to search texts for many patterns at once, in time linear in the text. */
export interface RuleEngine {
  readonly name: 'native' | 'script';
  /** Undefined when the engine runs here; else why it cannot, for people. */
  readonly unavailable: string | undefined;
  /** Transformations that it knows. */
  readonly transforms: ReadonlySet<Transform>;
  /** Compiles the probes; problems name the ones that cannot be, by index: none of them may be left out in silence. */
  compile(probes: readonly Probe[]): {
    readonly compiled: CompiledProbes;
    readonly problems: ReadonlyMap<number, string>;
  };
}
