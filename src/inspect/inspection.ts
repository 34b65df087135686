import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Mode, Subject } from '../core/plan.ts';
import type { Verdict } from '../core/verdict.ts';

/** A rule's `payload` as it is configured. */
export interface PayloadOptions {
  readonly schema_file?: string | undefined;
  readonly schema?: JsonSchema | undefined;
  readonly max_bytes?: string | undefined;
  readonly max_depth?: number | undefined;
  readonly content_types?: readonly string[] | undefined;
  readonly on_failure?: 'deny' | 'allow' | undefined;
  readonly mode?: Mode | undefined;
}

type Patterns = Readonly<Record<string, string>>;

/** A rule's `parameters` as it is configured. */
export interface ParametersOptions {
  readonly path?: Patterns | undefined;
  readonly query?: Patterns | undefined;
  readonly headers?: Patterns | undefined;
  readonly unknown_query?: 'allow' | 'deny' | undefined;
  readonly required_query?: readonly string[] | undefined;
  readonly required_headers?: readonly string[] | undefined;
}

/** What a rule says about inspection. */
export interface InspectionOptions {
  readonly payload?: PayloadOptions | undefined;
  readonly parameters?: ParametersOptions | undefined;
  /** Names of the `{name}` segments of the rule's path; undefined when the path has issues of its own. */
  readonly pathParameters: readonly string[] | undefined;
}

/** A compiled inspection; it may throw only for a bug. */
export type Inspect = (subject: Subject) => Verdict;

/** A kind of inspection: a key of the rule and what it compiles to. */
export interface Inspection {
  /** The rule's key that configures it. */
  readonly key: 'payload' | 'parameters';
  readonly schema: JsonSchema;
  /** Undefined when the rule does not configure it; the context is the rule's. */
  build(options: InspectionOptions, context: BuildContext): Inspect | undefined;
}
