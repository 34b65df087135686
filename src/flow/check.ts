import type { Attributes, NormalRequest } from '../core/attributes.ts';
import { bug, errorName } from '../core/bug.ts';
import type { Clock } from '../core/clock.ts';
import type { Decision, DynamicMetadata } from '../core/decision.ts';
import type { Plan, Rule, RuleMatch } from '../core/plan.ts';
import type { AuditPort, Log, Signals, Tracing } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import { type ClosedTrail, openTrail, type StepName, type TraceContext, type Trail } from '../core/trail.ts';
import { fail, pass, type Refusal, type Verdict } from '../core/verdict.ts';
import { fromCheckRequest } from '../wire/check-request.ts';
import { allowProblem, toCheckResponse } from '../wire/check-response.ts';
import { denial } from '../wire/denial.ts';
import { parseTraceparent } from '../wire/traceparent.ts';
import { openDeadline } from './deadline.ts';
import { evaluate } from './evaluate.ts';
import { allowance } from './upstream.ts';

/** What a call brings along besides its message. */
export interface Call {
  /** The traceparent of the gRPC metadata: Envoy's own span. */
  readonly traceparent: string | undefined;
  /** Aborted when the caller is gone. */
  readonly signal: AbortSignal;
  /** Milliseconds until the caller gives up; undefined when it did not say. */
  readonly remainingMs: number | undefined;
}

/** What the page needs of the rest of the house. */
export interface CheckDeps {
  readonly plan: () => Plan;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly audit: AuditPort;
  readonly signals: Signals;
  readonly tracing: Tracing;
  readonly log: Log;
  /** Milliseconds that a decision may take at most. */
  readonly budgetMs: number;
  /** Hears of records that wait for shadow rules, so that the end can wait for them; never rejected. */
  readonly onPending?: (record: Promise<void>) => void;
}

/** What a call came to. */
interface Outcome {
  readonly decision: Decision;
  /** Undefined when the guard refused or was not reached. */
  readonly request: NormalRequest | undefined;
  readonly principal: Principal | undefined;
  /** Shadow rules that match: they are evaluated once the call is answered. */
  readonly shadows: readonly RuleMatch[];
}

/**
 * Answers one Check call (envoy.service.auth.v3.Authorization): bytes of a CheckRequest in, bytes of a CheckResponse out.
 * Never rejects: whatever goes wrong is a denial.
 */
export async function check(message: Uint8Array, call: Call, deps: CheckDeps): Promise<Uint8Array> {
  const plan = deps.plan();
  const startMs = deps.clock.nowMs();
  const start = deps.clock.monotonicMs();
  const trail = openTrail(deps.clock.monotonicMs, start);
  const deadline = openDeadline(call.signal, call.remainingMs, deps.budgetMs);

  const decoded = fromCheckRequest(message);
  const attributes = decoded.kind === 'pass' ? decoded.value : undefined;
  const trace = parentOf(call, attributes);

  const decided = await decide(decoded, plan, deps.newId(), trail, deadline.signal);
  deadline.close();
  const durationMs = deps.clock.monotonicMs() - start;

  const storyOf = ({ decision, request, principal }: Outcome): ClosedTrail => {
    const { entries } = trail;
    const planVersion = plan.version;
    return { decision, planVersion, attributes, request, principal, entries, startMs, durationMs, trace };
  };
  const { insist } = deps.audit;
  const outcome = insist === undefined ? decided : await insisted(decided, trail, () => insist(storyOf(decided)));
  const record = (): void => {
    const closed = storyOf(outcome);
    if (insist === undefined) deps.audit.record(closed);
    deps.signals.decided(closed);
    deps.tracing.record(closed);
  };
  const recorded = watch(outcome, trail, deps.budgetMs)
    .then(record)
    .catch((error: unknown) => deps.log.error({ error: errorName(error) }, 'a decision was not recorded'));
  if (outcome.shadows.length > 0) deps.onPending?.(recorded);
  return toCheckResponse(outcome.decision);
}

/** Takes a decoded call through guard, match and the deciding rule's steps. Never rejects. */
export async function decide(
  decoded: Verdict<Attributes>,
  plan: Plan,
  id: string,
  trail: Trail,
  signal: AbortSignal,
): Promise<Outcome> {
  let step: StepName = 'decode';
  let rule: Rule | undefined;
  let known: Omit<Outcome, 'decision'> = { request: undefined, principal: undefined, shadows: [] };
  const refuse = (by: Refusal): Outcome => ({
    ...known,
    decision: denial(id, rule?.id, by, metadataOf(rule, known.principal)),
  });
  const noted = <T extends Verdict<unknown>>(verdict: T): T => {
    trail.note(step, verdict, rule === undefined ? {} : { rule: rule.id });
    return verdict;
  };
  try {
    if (decoded.kind !== 'pass') return refuse(noted(refusal(decoded)));
    noted(decoded);

    step = 'guard';
    const guarded = plan.guard(decoded.value, (refusal) => trail.note('guard', refusal, { shadow: true }));
    if (guarded.kind !== 'pass') return refuse(noted(refusal(guarded)));
    noted(guarded);
    const request = guarded.value;
    known = { ...known, request };

    step = 'match';
    const { shadows, decides } = plan.match(request);
    known = { ...known, shadows };
    if (!('rule' in decides)) return refuse(noted(decides));
    rule = decides.rule;
    noted(pass());

    const { subject, refusal: refusedBy, response } = await evaluate(decides, request, trail, signal);
    const { principal } = subject;
    known = { ...known, principal };
    if (refusedBy !== undefined) return refuse(refusedBy);

    step = 'respond';
    const decision = await allowance(id, plan, rule, subject, response, metadataOf(rule, principal));
    const problem = allowProblem(decision);
    return problem === undefined ? { ...known, decision } : refuse(noted(fail('internal_error', { problem })));
  } catch (error) {
    return refuse(noted(bug(error)));
  }
}

/** What a call comes to that must not be answered before it is recorded. Never rejects. */
async function insisted(outcome: Outcome, trail: Trail, record: () => Promise<boolean>): Promise<Outcome> {
  const { id, rule, metadata } = outcome.decision;
  try {
    if (await record()) return outcome;
  } catch {
    // What cannot even be tried is not recorded.
  }
  const refusal = fail('audit_unavailable');
  trail.note('respond', refusal, rule === undefined ? {} : { rule });
  return { ...outcome, decision: denial(id, rule, refusal, metadata) };
}

/** Evaluates the shadow rules of an answered call into its trail, in at most budgetMs. Never rejects. */
export async function watch({ shadows, request }: Outcome, trail: Trail, budgetMs: number): Promise<void> {
  if (request === undefined || shadows.length === 0) return;
  const signal = AbortSignal.timeout(budgetMs);
  for (const shadow of shadows) await evaluate(shadow, request, trail, signal);
}

// A guard or a decoder that abstains has said nothing, and nothing is never an allow.
const refusal = (verdict: Exclude<Verdict<unknown>, { readonly kind: 'pass' }>): Refusal =>
  verdict.kind === 'abstain' ? bug(new TypeError('abstained')) : verdict;

const parentOf = (call: Call, attributes: Attributes | undefined): TraceContext | undefined =>
  parseTraceparent(call.traceparent) ?? parseTraceparent(attributes?.headers.get('traceparent')?.[0]);

function metadataOf(rule: Rule | undefined, principal: Principal | undefined): DynamicMetadata {
  return {
    ...(rule === undefined ? {} : { rule: rule.id }),
    ...(principal === undefined
      ? {}
      : { principal: principal.key, principal_id: principal.id, principal_source: principal.source }),
  };
}
