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
  const inTime = <T>(verdict: Promise<Verdict<T>>): Promise<Verdict<T>> => unlessAborted(verdict, signal, overdue);
  const refused = (refusal: Refusal): Evaluation => ({ subject, refusal, response: [] });
  try {
    const early = note(step, await inTime(rule.limitEarly(subject, signal)));
    if (refuses(early)) return refused(early);

    step = 'identify';
    const identified = note(step, await inTime(rule.identify(subject, signal)));
    if (refuses(identified)) return refused(identified);
    if (identified.kind === 'pass') subject = { ...subject, principal: identified.value };

    step = 'authorize';
    const authorized = note(step, rule.authorize(subject));
    if (refuses(authorized)) return refused(authorized);

    step = 'limit';
    const late = note(step, await inTime(rule.limitLate(subject, signal)));
    if (refuses(late)) return refused(late);

    step = 'inspect';
    const inspected = note(step, rule.inspect(subject));
    if (refuses(inspected)) return refused(inspected);

    return { subject, refusal: undefined, response: merged(headersOf(early), headersOf(late)) };
  } catch (error) {
    const failure = bug(error);
    trail.note(step, failure, place);
    return refused(failure);
  }
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
