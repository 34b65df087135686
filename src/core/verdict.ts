import type { HeaderMutation } from './decision.ts';
import type { Reason } from './reason.ts';

/** Facts beside a verdict, fit for audit and explain: never a secret, never a caller's payload. */
export type Detail = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** The step is content; value is what it found. */
export interface Pass<T> {
  readonly kind: 'pass';
  readonly value: T;
  readonly detail: Detail;
}

/** The step has nothing to say: nothing configured, or no credential of its kind. */
interface Abstain {
  readonly kind: 'abstain';
  readonly detail: Detail;
}

/** The caller's fault. */
export interface Reject {
  readonly kind: 'reject';
  readonly reason: Reason;
  readonly detail: Detail;
  /** Members that the problem body shows to the caller (a JSON pointer, a keyword). */
  readonly expose: Detail;
  /** Headers of the denial: challenges, Retry-After. */
  readonly headers: readonly HeaderMutation[];
  /** Where a browser is sent instead (302 with this location); undefined: the status of the reason. */
  readonly redirect: string | undefined;
  /** What another authentication would have to bring (RFC 9470); undefined: none would help. */
  readonly stepUp: StepUp | undefined;
}

/** A demand on how, and how recently, somebody was authenticated (RFC 9470 section 3). */
export interface StepUp {
  /** Authentication contexts of which one is enough; empty: any. */
  readonly acrValues: readonly string[];
  /** Seconds since the authentication at most; undefined: any. */
  readonly maxAgeSeconds: number | undefined;
}

/** Our fault: a bug, a deadline, something that we need is away. */
export interface Fail {
  readonly kind: 'fail';
  readonly reason: Reason;
  readonly detail: Detail;
  /** Headers of the denial that have nothing to do with the failure: a cookie that was renewed on the way. */
  readonly headers?: readonly HeaderMutation[];
}

/** What ends a call that might have gone on. */
export type Refusal = Reject | Fail;

/** What one step says. */
export type Verdict<T = undefined> = Pass<T> | Abstain | Refusal;

const none: Detail = Object.freeze({});
const noHeaders: readonly HeaderMutation[] = Object.freeze([]);
const passed: Pass<undefined> = Object.freeze({ kind: 'pass', value: undefined, detail: none });
const abstained: Abstain = Object.freeze({ kind: 'abstain', detail: none });

/** A pass with nothing to hand on. */
export const pass = (): Pass<undefined> => passed;

/** A pass that hands on a value. */
export const passWith = <T>(value: T, detail: Detail = none): Pass<T> => ({ kind: 'pass', value, detail });

/** An abstention. */
export const abstain = (detail: Detail = none): Abstain => (detail === none ? abstained : { kind: 'abstain', detail });

/** A rejection: detail stays inside, everything else reaches the caller. */
export const reject = (
  reason: Reason,
  detail: Detail = none,
  extra: Partial<Pick<Reject, 'expose' | 'headers' | 'redirect' | 'stepUp'>> = {},
): Reject => ({
  kind: 'reject',
  reason,
  detail,
  expose: extra.expose ?? none,
  headers: extra.headers ?? noHeaders,
  redirect: extra.redirect,
  stepUp: extra.stepUp,
});

/** A failure of ours: detail stays inside, headers reach the caller all the same. */
export const fail = (reason: Reason, detail: Detail = none, headers: readonly HeaderMutation[] = noHeaders): Fail =>
  headers.length === 0 ? { kind: 'fail', reason, detail } : { kind: 'fail', reason, detail, headers };
