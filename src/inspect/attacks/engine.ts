/** What an engine searches for: the operators whose cost grows with the text, and that are worth an engine of their own. */
export type ProbeOperator =
  /** RE2 syntax. */
  { readonly kind: 'rx'; readonly pattern: string } | { readonly kind: 'sqli' } | { readonly kind: 'xss' };

/** One search for something in texts. */
export interface Probe {
  readonly operator: ProbeOperator;
  /** Every text that matches is wanted, not only one of them. */
  readonly all: boolean;
}

/** Which texts one probe looks at, by their index. */
export interface ProbeTexts {
  /** The index of the probe in the list that was compiled; at most one entry of a run names it. */
  readonly probe: number;
  readonly texts: readonly number[];
}

/** A probe that matched a text. */
export interface Hit {
  readonly probe: number;
  readonly text: number;
}

/** What a run found. complete: every probe saw the whole of every text that it was given; without it nothing may be let through on this run's word. */
interface EngineRun {
  readonly hits: readonly Hit[];
  readonly complete: boolean;
}

/** Probes that are ready to run; each thread has its own. */
export interface CompiledProbes {
  /**
   * All (probe, text) pairs that match; of a probe that wants only one, at least one of its pairs. budgetMs: once it is spent
   * the run ends, incomplete. Throws only for a bug.
   */
  run(texts: readonly string[], looks: readonly ProbeTexts[], budgetMs: number): EngineRun;
  close(): void;
}

/** A way to search texts for many patterns at once, in time linear in the text. Texts come transformed. */
export interface RuleEngine {
  readonly name: 'native' | 'script';
  /** Undefined when the engine runs here; else why it cannot, for people. */
  unavailable(): string | undefined;
  /** Compiles the probes; problems name the ones that cannot be, by index: none of them may be left out in silence. */
  compile(probes: readonly Probe[]): Compilation;
  /** The same in steps of some milliseconds. */
  compileSteps(probes: readonly Probe[]): Generator<void, Compilation>;
}

/** What compiling probes came to. */
export interface Compilation {
  readonly compiled: CompiledProbes;
  readonly problems: ReadonlyMap<number, string>;
}
