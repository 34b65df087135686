import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Mode, Subject } from '../core/plan.ts';
import type { Verdict } from '../core/verdict.ts';
import type { ProtectOptions } from './attacks/options.ts';
import type { GraphqlOptions } from './contract/graphql-options.ts';
import type { OnFailure } from './on-failure.ts';
import type { Reading } from './reading.ts';

/** A rule's `payload` as it is configured. */
export interface PayloadOptions {
  readonly schema_file?: string | undefined;
  readonly schema?: JsonSchema | undefined;
  readonly max_bytes?: string | undefined;
  readonly openapi_file?: string | undefined;
  readonly base_path?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly graphql?: GraphqlOptions | undefined;
  readonly max_depth?: number | undefined;
  readonly max_fields?: number | undefined;
  readonly max_parts?: number | undefined;
  readonly content_types?: readonly string[] | undefined;
  readonly on_failure?: OnFailure | undefined;
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
  readonly protect?: ProtectOptions | undefined;
  /** Where identities take their credentials, like header.x-key or query.k: what stands there is never told. */
  readonly secretPlaces?: readonly string[];
  /** Names of the `{name}` segments of the rule's path; undefined when the path has issues of its own. */
  readonly pathParameters: readonly string[] | undefined;
}

/** A compiled inspection, the same on every thread; it may throw only for a bug. */
export type Inspect = (subject: Subject, reading: Reading) => Verdict;

/** What a kind of inspection makes of a rule's options. */
interface BuiltInspection {
  /** Plain data from which compile makes the same inspection on another thread (structured clone). */
  readonly spec: unknown;
  readonly inspect: Inspect;
  readonly onFailure: OnFailure;
  readonly mode: Mode;
}

/** A kind of inspection: a key of the rule and what it compiles to. */
export interface Inspection {
  /** The rule's key that configures it. */
  readonly key: 'payload' | 'parameters' | 'protect';
  readonly schema: JsonSchema;
  /** Whether its work grows with the body, so that a large one must not be looked at on the thread that answers calls. */
  readonly heavy: boolean;
  /** Undefined when the rule does not configure it; the context is the rule's. Every issue is reported, nothing is thrown. */
  build(options: InspectionOptions, context: BuildContext): BuiltInspection | undefined;
  /** The inspection again, from the spec that build gave. */
  compile(spec: unknown): Inspect;
}
