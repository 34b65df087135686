import type { Attributes, NormalRequest } from './attributes.ts';
import type { Decision } from './decision.ts';
import type { Principal } from './principal.ts';
import type { Reason } from './reason.ts';
import type { Detail, Verdict } from './verdict.ts';

/** The steps of a call, in their order. */
export const steps = Object.freeze([
  'decode',
  'guard',
  'match',
  'limit',
  'identify',
  'authorize',
  'inspect',
  'respond',
  'process_request',
  'process_response',
] as const);

/** The name of a step. */
export type StepName = (typeof steps)[number];

/** What one step said. */
export interface TrailEntry {
  readonly step: StepName;
  /** The rule it was evaluated for; undefined before one is matched. */
  readonly rule: string | undefined;
  /** Whether the step only watched: its verdict decided nothing. */
  readonly shadow: boolean;
  readonly verdict: Verdict<unknown>['kind'];
  readonly reason: Reason | undefined;
  readonly detail: Detail;
  /** How long the step took: the time since the entry before it. 0 for what is noted in the midst of a step. */
  readonly durationMs: number;
}

/** The trace that a call belongs to (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the caller's span. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** The whole story of one call, closed: what audit, metrics and spans are made of. */
export interface ClosedTrail {
  /** ExternalProcessor/Process, whose story has the decision id of the Check before it; undefined: Authorization/Check. */
  readonly service?: 'process';
  readonly decision: Decision;
  readonly planVersion: string;
  /** Undefined when the call could not be decoded. */
  readonly attributes: Attributes | undefined;
  /** Undefined when the guard refused. */
  readonly request: NormalRequest | undefined;
  readonly principal: Principal | undefined;
  readonly entries: readonly TrailEntry[];
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  /** How long we were at it: of a stream, without the time between its messages. */
  readonly durationMs: number;
  readonly trace: TraceContext | undefined;
}

/** The story while it is written. */
export interface Trail {
  note(step: StepName, verdict: Verdict<unknown>, place?: { readonly rule?: string; readonly shadow?: boolean }): void;
  readonly entries: readonly TrailEntry[];
}

const noClock = (): number => 0;

/** An empty trail of a call that began at startMs; without a clock no step takes any time. */
export function openTrail(monotonicMs: () => number = noClock, startMs = monotonicMs()): Trail {
  const entries: TrailEntry[] = [];
  let lastMs = startMs;
  return {
    entries,
    note: (step, verdict, place = {}) => {
      const within = place.shadow === true && place.rule === undefined;
      const nowMs = within ? lastMs : monotonicMs();
      entries.push({
        step,
        rule: place.rule,
        shadow: place.shadow ?? false,
        verdict: verdict.kind,
        reason: verdict.kind === 'reject' || verdict.kind === 'fail' ? verdict.reason : undefined,
        detail: verdict.detail,
        durationMs: nowMs - lastMs,
      });
      lastMs = nowMs;
    },
  };
}
