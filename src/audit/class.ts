import type { Decision } from '../core/decision.ts';
import { reasons } from '../core/reason.ts';
import type { ClosedTrail, StepName, TrailEntry } from '../core/trail.ts';
import { action, type ClassName, disposition, otherActivity, severity } from './ocsf.ts';

/** The entry that decided a denial; undefined for an allow, and for a bug between the steps. */
export function decidingEntry({ decision, entries }: ClosedTrail): TrailEntry | undefined {
  if (decision.effect === 'allow') return undefined;
  return entries.findLast(({ shadow, reason }) => !shadow && reason === decision.reason);
}

/** The class of a decision: what is known of the caller decides what kind of event it can be. */
export function classOf(trail: ClosedTrail, step: StepName | undefined): ClassName {
  if (trail.decision.effect === 'allow') return 'api';
  switch (step) {
    case 'identify':
      return 'authentication';
    case 'match':
    case 'authorize':
      return 'api';
    case 'limit':
      return trail.principal === undefined ? 'http' : 'api';
    case 'decode':
    case 'guard':
    case 'inspect':
    case 'respond':
    case 'process_request':
    case 'process_response':
    case undefined:
      return 'http';
    default:
      return step satisfies never;
  }
}

// Methods come from outside, so they are looked up in maps.
const apiActivities: ReadonlyMap<string, number> = new Map([
  ['POST', 1],
  ['GET', 2],
  ['HEAD', 2],
  ['OPTIONS', 2],
  ['PUT', 3],
  ['PATCH', 3],
  ['DELETE', 4],
]);
const httpActivities: ReadonlyMap<string, number> = new Map([
  ['CONNECT', 1],
  ['DELETE', 2],
  ['GET', 3],
  ['HEAD', 4],
  ['OPTIONS', 5],
  ['POST', 6],
  ['PUT', 7],
  ['TRACE', 8],
  ['PATCH', 9],
]);
const logon = 1;

/** Whether OCSF's http_method has a value for the method. */
export const isStandardMethod = (method: string): boolean => httpActivities.has(method);

/** The activity of a decision's class that a method stands for. */
export function activityOf(name: ClassName, method: string): number {
  if (name === 'authentication') return logon;
  return (name === 'api' ? apiActivities : httpActivities).get(method) ?? otherActivity;
}

/** How grave a decision is. */
export function severityOf(decision: Decision): number {
  if (decision.effect === 'allow') return severity.informational;
  if (reasons[decision.reason].kind === 'fail') return severity.high;
  return decision.reason === 'address_blocked' ? severity.medium : severity.low;
}

/** What was done (action_id) and what became of the request (disposition_id). */
export function outcomeOf(decision: Decision, step: StepName | undefined) {
  if (decision.effect === 'allow') return { action_id: action.allowed, disposition_id: disposition.allowed };
  return { action_id: action.denied, disposition_id: denialOf(decision.reason, step) };
}

function denialOf(reason: keyof typeof reasons, step: StepName | undefined): number {
  if (reasons[reason].kind === 'fail') return disposition.error;
  if (step === 'identify') return disposition.unauthorized;
  return reasons[reason].public === 'invalid_request' ? disposition.rejected : disposition.blocked;
}
