import type { Reason } from './reason.ts';
import type { StepName, TrailEntry } from './trail.ts';

/** What a rule in shadow mode would have done. */
interface ShadowOutcome {
  /** Undefined where no rule was matched yet. */
  readonly rule: string | undefined;
  readonly effect: 'allow' | 'deny';
  /** The step that would have denied, and why; undefined for an allow. */
  readonly step: StepName | undefined;
  readonly reason: Reason | undefined;
}

const none: readonly ShadowOutcome[] = Object.freeze([]);

/** What each shadowed rule of a call would have done, in the order of their first step. */
export function shadowOutcomes(entries: readonly TrailEntry[]): readonly ShadowOutcome[] {
  if (!entries.some(({ shadow }) => shadow)) return none;
  const outcomes = new Map<string | undefined, ShadowOutcome>();
  for (const { shadow, rule, step, reason } of entries) {
    if (!shadow || outcomes.get(rule)?.effect === 'deny') continue;
    outcomes.set(
      rule,
      reason === undefined
        ? { rule, effect: 'allow', step: undefined, reason }
        : { rule, effect: 'deny', step, reason },
    );
  }
  return [...outcomes.values()];
}
