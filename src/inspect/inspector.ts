import { errorName } from '../core/bug.ts';
import type { Mode, Subject } from '../core/plan.ts';
import { abstain, type Detail, fail, passWith, type Verdict } from '../core/verdict.ts';
import type { Inspect } from './inspection.ts';
import type { OnFailure } from './on-failure.ts';
import { openReading } from './reading.ts';

/** One configured inspection of a rule. */
export interface InspectionPart {
  /** The rule's key that configures it. */
  readonly key: string;
  readonly inspect: Inspect;
  readonly onFailure: OnFailure;
  readonly mode: Mode;
}

function wouldBe(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'pass':
    case 'abstain':
      return verdict.kind;
    case 'reject':
    case 'fail':
      return verdict.reason;
    default:
      return verdict satisfies never;
  }
}

/**
 * What counts of a verdict: a failure of ours is a pass where the part says so, and a part in shadow only abstains. The
 * detail is named as limits name theirs, so that audit finds a check that only watched.
 */
function weigh({ key, onFailure, mode }: Omit<InspectionPart, 'inspect'>, verdict: Verdict): Verdict {
  if (mode === 'shadow') return abstain({ ...verdict.detail, [key]: wouldBe(verdict), [`${key}.shadow`]: true });
  if (verdict.kind !== 'fail' || onFailure === 'deny') return verdict;
  return passWith(undefined, { ...verdict.detail, failed: true, onFailure });
}

/** What failed for all parts at once, before any of them came to a verdict. */
export function weighFailure(parts: readonly Omit<InspectionPart, 'inspect'>[], failure: Verdict): Verdict {
  const verdicts = parts.map((part) => weigh(part, failure));
  return verdicts.find(({ kind }) => kind === 'fail') ?? verdicts[0] ?? failure;
}

/** A bug: what was thrown may hold the payload, so its name alone is told. */
function inspectOrFail({ key, inspect }: InspectionPart, ...seen: Parameters<Inspect>): Verdict {
  try {
    return inspect(...seen);
  } catch (error) {
    return fail('inspection_failed', { inspection: key, error: errorName(error) });
  }
}

/**
 * Runs the parts in their order: the first reject or fail, else a pass if any passed, else an abstention. budgetMs: after so
 * many milliseconds a part that can stop does.
 */
export function inspector(parts: readonly InspectionPart[]): (subject: Subject, budgetMs: number) => Verdict {
  return (subject, budgetMs) => {
    const reading = openReading(budgetMs);
    let detail: Detail = {};
    let passed = false;
    for (const part of parts) {
      const verdict = weigh(part, inspectOrFail(part, subject, reading));
      switch (verdict.kind) {
        case 'reject':
        case 'fail':
          return { ...verdict, detail: { ...detail, ...verdict.detail } };
        case 'pass':
        case 'abstain':
          passed ||= verdict.kind === 'pass';
          detail = { ...detail, ...verdict.detail };
          break;
        default:
          return verdict satisfies never;
      }
    }
    return passed ? passWith(undefined, detail) : abstain(detail);
  };
}
