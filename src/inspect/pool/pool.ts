import type { Mode, Subject } from '../../core/plan.ts';
import type { Signals } from '../../core/ports.ts';
import type { Fail, Verdict } from '../../core/verdict.ts';
import type { InspectionKind } from '../kinds.ts';
import type { OnFailure } from '../on-failure.ts';

/** All inspections of a rule as plain data, so that a thread can compile them for itself. */
export type InspectorSpec = readonly {
  readonly kind: InspectionKind;
  readonly spec: unknown;
  readonly onFailure: OnFailure;
  readonly mode: Mode;
}[];

/** How an inspection elsewhere ended: with the parts' own verdict, or before they came to one. */
export type Ended =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | { readonly kind: 'failed'; readonly failure: Fail };

/** Inspects a call's payload on another thread; never rejects. */
export type InspectElsewhere = (subject: Subject, signal: AbortSignal) => Promise<Ended>;

/** Where large payloads are looked at. */
export interface InspectionPool {
  /** Bodies of up to so many bytes are looked at where the call is answered. */
  readonly inlineBytes: number;
  /** Makes a rule's inspections known; here is the same on this thread. They are forgotten when what is given is. */
  register(spec: InspectorSpec, here: (subject: Subject) => Verdict): InspectElsewhere;
  /** Resolves once every thread is ready for what has been registered; at once where there is none. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** Bounds of the pool. */
export interface PoolLimits {
  readonly threads: number;
  /** Payloads that may wait for a thread; one more is a failure. */
  readonly queue: number;
  /** From when the call asks until it has its verdict; a thread that is at it then is ended and replaced. */
  readonly timeoutMs: number;
  readonly inlineBytes: number;
}

/** Whom the pool tells. */
export type PoolSignals = Pick<Signals, 'payloadInspected'>;
