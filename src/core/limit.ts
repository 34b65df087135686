/** The rule of a limit, as every algorithm takes it. */
export interface LimitRule {
  /** Hits in one period. */
  readonly count: number;
  readonly periodMs: number;
  /** The capacity of a bucket; windows ignore it. */
  readonly burst: number;
}

/** Hits to count on one counter. */
export interface Take {
  /** The counter's key: injective over everything that tells counters apart. */
  readonly key: string;
  /** A name of the algorithm table. */
  readonly algorithm: string;
  readonly rule: LimitRule;
  /** How many; 0 only looks. */
  readonly hits: number;
}

/** What a counter says after a take. */
export interface LimitStatus {
  readonly allowed: boolean;
  /** Whole hits that are left now; never negative. */
  readonly remaining: number;
  /** Milliseconds until the counter is as good as new. */
  readonly resetMs: number;
  /** Milliseconds until the same take would be allowed; undefined: it was allowed, or never will be. */
  readonly retryAfterMs: number | undefined;
}

/** What a step of an algorithm gives: the status and the state to keep if the hits count. */
export interface Step {
  readonly status: LimitStatus;
  readonly state: readonly number[];
  /** Milliseconds after which the state means nothing any more. */
  readonly ttlMs: number;
}

/** One way to count: the same step twice, in TypeScript for memory and in Lua for Redis. */
export interface Algorithm {
  /** Pure. The state is undefined for a counter that was never hit or has expired; a denied step's state is not written. */
  step(state: readonly number[] | undefined, nowMs: number, rule: LimitRule, hits: number): Step;
  /**
   * A Lua function expression `function(state, now, count, period, burst, hits) … end`, where state is nil or an array
   * of numbers; it returns allowed (0 or 1), remaining, reset, retry_after (-1: none), new state, ttl; all in milliseconds.
   */
  readonly lua: string;
}

/** all_or_nothing: no hit counts unless every take is allowed. each: every take is on its own; a denied one still does not count. */
export type TakeMode = 'all_or_nothing' | 'each';

/** Counts takes on counters; what holds the state behind it is the implementation's affair. */
export interface CounterStore {
  /**
   * Takes in one step. Statuses are in the order of the takes. Rejects when the store is away or does not answer within
   * its own timeout.
   */
  take(takes: readonly Take[], mode: TakeMode): Promise<readonly LimitStatus[]>;
  close(): Promise<void>;
}
