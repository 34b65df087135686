import type { Mode, Subject } from '../../core/plan.ts';
import type { Signals } from '../../core/ports.ts';
import type { Fail, Verdict } from '../../core/verdict.ts';
import type { InspectionKind } from '../kinds.ts';
import type { OnFailure } from '../on-failure.ts';
import type { Cleansed, CleansingSpec, WrittenBody } from '../sanitize/body.ts';

/** All inspections of a rule as plain data, so that a thread can compile them for itself. */
export type InspectorSpec = readonly {
  readonly kind: InspectionKind;
  readonly spec: unknown;
  readonly onFailure: OnFailure;
  readonly mode: Mode;
}[];

/** What threads do: the spec from which each compiles it, what it is given, what it gives. All of it is plain data (structured clone). */
export interface Works {
  readonly inspector: { readonly spec: InspectorSpec; readonly given: Subject; readonly made: Verdict };
  readonly cleansing: { readonly spec: CleansingSpec; readonly given: WrittenBody; readonly made: Cleansed };
}

/** The name of something that threads do. */
export type WorkKind = keyof Works;

/** A work and the spec of it. */
export type WorkSpec = {
  readonly [K in WorkKind]: { readonly work: K; readonly spec: Works[K]['spec'] };
}[WorkKind];

/** Does a work on this thread, in about so many milliseconds at most. */
export type Do<K extends WorkKind> = (given: Works[K]['given'], budgetMs: number) => Works[K]['made'];

/** How a work elsewhere ended: done, or before it was. */
export type Ended<T> =
  | { readonly kind: 'done'; readonly made: T }
  | { readonly kind: 'failed'; readonly failure: Fail };

/** Has a work done on another thread; signal: who waits for it is gone. Never rejects. */
export type DoElsewhere<K extends WorkKind> = (
  given: Works[K]['given'],
  signal?: AbortSignal,
) => Promise<Ended<Works[K]['made']>>;

/** Where large bodies are looked at and changed. */
export interface InspectionPool {
  /** Bodies of up to so many bytes are looked at where the call is answered. */
  readonly inlineBytes: number;
  /** How long a work may take there. */
  readonly inlineBudgetMs: number;
  /** Makes a rule's work known; here is the same on this thread. It is forgotten when what is given is. */
  register<K extends WorkKind>(work: K, spec: Works[K]['spec'], here: Do<K>): DoElsewhere<K>;
  /** Resolves once every thread is ready for what has been registered; at once where there is none. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** Bounds of the pool. */
export interface PoolLimits {
  readonly threads: number;
  /** Bodies that may wait for a thread; one more is a failure. */
  readonly queue: number;
  /** From when the call asks until it has its answer; a thread that goes on and on after it is ended and replaced. */
  readonly timeoutMs: number;
  readonly inlineBytes: number;
}

/** Whom the pool tells. */
export type PoolSignals = Pick<Signals, 'payloadInspected'>;

/** What a search may take of the time that is left, so that it ends with its own word before its thread is ended. */
export const budgetOf = (leftMs: number): number => leftMs * 0.8;
