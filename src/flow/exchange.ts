import type { Attributes } from '../core/attributes.ts';
import type { Deny } from '../core/decision.ts';
import type { Plan } from '../core/plan.ts';
import type { AuditPort, Signals, Tracing } from '../core/ports.ts';
import type { Direction } from '../core/processing-mode.ts';
import { type ClosedTrail, openTrail, type StepName, type TraceContext, type Trail } from '../core/trail.ts';
import { type Detail, passWith, type Refusal } from '../core/verdict.ts';
import { type Arrangement, openArrangement } from './arrangement.ts';
import type { Passage } from './passage.ts';
import type { Recognized } from './recognize.ts';

/** One of the two messages of an exchange. */
interface Leg {
  /** Undefined until its head has been answered. */
  passage: Passage | undefined;
  /** What its head alone told. */
  detail: Detail;
  refusal: Refusal | undefined;
  /** How long we were at it. */
  durationMs: number;
}

/** A request and its response on their way: what is known of them so far. */
export interface Exchange {
  readonly plan: Plan;
  readonly startMs: number;
  readonly trail: Trail;
  readonly legs: Readonly<Record<Direction, Leg>>;
  /** That of the Check before, where Envoy tells it. */
  id: string;
  attributes: Attributes | undefined;
  whose: Recognized | undefined;
  arrangement: Arrangement;
  trace: TraceContext | undefined;
  /** Bodies are looked at, so that there is something to tell of. */
  looked: boolean;
  /** Where we are, for the trail. */
  step: StepName;
  /** Nothing is answered any more. */
  over: boolean;
  /** Undefined: nothing was refused, or nobody waits for our word. */
  denied: Deny | undefined;
}

const openLeg = (): Leg => ({ passage: undefined, detail: {}, refusal: undefined, durationMs: 0 });

/** An exchange of which nothing is known yet. */
export const openExchange = (plan: Plan, id: string, startMs: number, trace: TraceContext | undefined): Exchange => ({
  plan,
  startMs,
  trail: openTrail(),
  legs: { request: openLeg(), response: openLeg() },
  id,
  attributes: undefined,
  whose: undefined,
  arrangement: openArrangement(undefined),
  trace,
  looked: false,
  step: 'decode',
  over: false,
  denied: undefined,
});

/** Where an exchange is told. */
interface RecordDeps {
  readonly audit: AuditPort;
  readonly signals: Signals;
  readonly tracing: Tracing;
}

/** Tells of an exchange that is over: each body that was read to metrics, what was found, done or refused to audit. */
export function recordExchange(exchange: Exchange, { audit, signals, tracing }: RecordDeps): void {
  const { trail, legs, whose, looked } = exchange;
  const rule = whose?.rule.id;
  const place = rule === undefined ? {} : { rule };
  for (const message of ['request', 'response'] as const) {
    const { passage, refusal, durationMs, detail } = legs[message];
    const reading = passage?.reading;
    const changed = reading?.changed() === true;
    const found = { ...detail, ...reading?.detail(), ...(changed && { changed }) };
    if (refusal === undefined && Object.keys(found).length > 0) {
      trail.note(`process_${message}`, passWith(undefined, found), place);
    }
    if (reading === undefined && refusal === undefined) continue;
    const outcome = refusal !== undefined ? 'refused' : changed ? 'changed' : 'unchanged';
    const reason = refusal?.reason ?? 'ok';
    signals.messageProcessed({ rule, message, outcome, reason, bytes: reading?.bytes() ?? 0, durationMs });
  }
  if (trail.entries.length === 0 && !looked) return;
  const story = closed(exchange);
  if (trail.entries.length > 0) audit.record(story);
  if (looked) tracing.record(story);
}

function closed(exchange: Exchange): ClosedTrail {
  const { id, denied, plan, attributes, whose, trail, legs, startMs, trace } = exchange;
  return {
    service: 'process',
    decision: denied ?? { ...allowance, id, rule: whose?.rule.id ?? '' },
    planVersion: plan.version,
    attributes,
    request: whose?.subject.request,
    principal: whose?.subject.principal,
    entries: trail.entries,
    startMs,
    durationMs: legs.request.durationMs + legs.response.durationMs,
    trace,
  };
}

const allowance = Object.freeze({
  effect: 'allow',
  set: [],
  remove: [],
  removeQuery: [],
  response: [],
  metadata: {},
} as const);
