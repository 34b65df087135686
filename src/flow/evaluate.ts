import type { NormalRequest } from '../core/attributes.ts';
import { bug } from '../core/bug.ts';
import type { HeaderMutation } from '../core/decision.ts';
import { unlessAborted } from '../core/patience.ts';
import type { RuleMatch, Subject } from '../core/plan.ts';
import type { StepName, Trail } from '../core/trail.ts';
import { fail, type Refusal, type Verdict } from '../core/verdict.ts';

/** What a rule makes of a request: who it is, and either a refusal or the headers for the caller. */
interface Evaluation {
  readonly subject: Subject;
  readonly refusal: Refusal | undefined;
  readonly response: readonly HeaderMutation[];
}

const refuses = (verdict: Verdict<unknown>): verdict is Refusal => verdict.kind === 'reject' || verdict.kind === 'fail';

const overdue = fail('deadline_exceeded');

/** Takes the request through the steps of one rule, in their order; the first refusal ends it. Never rejects. */
export async function evaluate(
  { rule, parameters }: RuleMatch,
  request: NormalRequest,
  trail: Trail,
  signal: AbortSignal,
): Promise<Evaluation> {
  const place = { rule: rule.id, shadow: rule.mode === 'shadow' };
  let step: StepName = 'limit';
  let subject: Subject = { request, parameters, rule: rule.id, principal: undefined };
  const note = <T>(name: StepName, verdict: Verdict<T>): Verdict<T> => {
    trail.note(name, verdict, place);
    return verdict;
  };
  const inTime = <T>(verdict: Verdict<T> | Promise<Verdict<T>>): Verdict<T> | Promise<Verdict<T>> =>
    verdict instanceof Promise ? unlessAborted(verdict, signal, overdue) : verdict;
  const refused = (refusal: Refusal): Evaluation => ({ subject, refusal, response: [] });
  try {
    const early = note(step, await inTime(rule.limitEarly(subject, signal)));
    if (refuses(early)) return refused(early);

    step = 'identify';
    const identified = note(step, await inTime(rule.identify(subject, signal)));
    if (refuses(identified)) return refused(identified);
    const known = identified.kind === 'pass' ? identified.value : undefined;
    if (known !== undefined) subject = { ...subject, principal: known.principal };
    const ownHeaders = known?.response ?? [];
    // A cookie or a nonce that was renewed must reach the caller, whatever the later steps say.
    const refusedLate = (refusal: Refusal): Evaluation =>
      refused(ownHeaders.length > 0 ? { ...refusal, headers: [...(refusal.headers ?? []), ...ownHeaders] } : refusal);

    step = 'authorize';
    const authorized = note(step, await authorizeWith(rule, subject, signal));
    if (refuses(authorized)) return refusedLate(authorized);

    step = 'limit';
    const late = note(step, await inTime(rule.limitLate(subject, signal)));
    if (refuses(late)) return refusedLate(late);

    step = 'inspect';
    const inspected = note(step, await inTime(rule.inspect(subject, signal)));
    if (refuses(inspected)) return refusedLate(inspected);

    return { subject, refusal: undefined, response: [...merged(headersOf(early), headersOf(late)), ...ownHeaders] };
  } catch (error) {
    const failure = bug(error);
    trail.note(step, failure, place);
    return refused(failure);
  }
}

async function authorizeWith(rule: RuleMatch['rule'], subject: Subject, signal: AbortSignal): Promise<Verdict> {
  const verdict = rule.authorize(subject);
  if (verdict.kind !== 'reject' || verdict.stepUp === undefined) return verdict;
  return unlessAborted(rule.stepUp(subject, verdict, signal), signal, overdue);
}

const headersOf = (verdict: Verdict<readonly HeaderMutation[]>): readonly HeaderMutation[] =>
  verdict.kind === 'pass' ? verdict.value : [];

// RateLimit fields are lists (RFC 9651): what both phases say of one field is one list.
function merged(first: readonly HeaderMutation[], second: readonly HeaderMutation[]): readonly HeaderMutation[] {
  if (first.length === 0) return second;
  const values = new Map(first.map(({ name, value }) => [name, value]));
  for (const { name, value } of second) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return [...values].map(([name, value]) => ({ name, value }));
}
