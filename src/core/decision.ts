import type { Reason } from './reason.ts';

/** A header that is set, by overwriting whatever stands there. */
export interface HeaderMutation {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
  /** It is added beside what stands there: for Set-Cookie, of which every line is a field of its own (RFC 6265 section 3). */
  readonly append?: true;
  /** The value is a credential: it goes where the header goes, and nobody else is shown it. */
  readonly secret?: true;
}

/** A JSON object for Envoy's dynamic metadata (google.protobuf.Struct). */
export type DynamicMetadata = Readonly<Record<string, string | number | boolean>>;

/** The request may go on. */
export interface Allow {
  readonly effect: 'allow';
  readonly id: string;
  readonly rule: string;
  /** Headers for the upstream. */
  readonly set: readonly HeaderMutation[];
  /** Header names that must not reach the upstream; never one that is also set. */
  readonly remove: readonly string[];
  /** Query parameters, by their names as they were sent, that must not reach the upstream. */
  readonly removeQuery: readonly string[];
  /** Headers for the caller's response. */
  readonly response: readonly HeaderMutation[];
  readonly metadata: DynamicMetadata;
}

/** The request ends here. */
export interface Deny {
  readonly effect: 'deny';
  readonly id: string;
  /** The rule that denied; undefined when none was reached. */
  readonly rule: string | undefined;
  readonly reason: Reason;
  readonly status: number;
  readonly headers: readonly HeaderMutation[];
  /** problem+json (RFC 9457). */
  readonly body: string;
  readonly metadata: DynamicMetadata;
}

/** What the call gets. */
export type Decision = Allow | Deny;

/** The headers by which every allow tells the upstream who calls and which decision let it in. */
export const identityHeaders: readonly string[] = Object.freeze(['x-user', 'x-user-source', 'x-decision-id']);
