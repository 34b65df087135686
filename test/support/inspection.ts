import assert from 'node:assert/strict';
import type { BuildContext } from '../../src/core/build.ts';
import type { Subject } from '../../src/core/plan.ts';
import type { Verdict } from '../../src/core/verdict.ts';
import { buildInspection, type InspectionOptions, inlinePool } from '../../src/inspect/index.ts';

/** Builds a rule's inspections without threads, so that each verdict is there at once. */
export function buildHere(options: InspectionOptions, context: BuildContext): (subject: Subject) => Verdict {
  const inspect = buildInspection(options, context, inlinePool);
  const { signal } = new AbortController();
  return (subject) => {
    const verdict = inspect(subject, signal);
    assert.ok(!(verdict instanceof Promise));
    return verdict;
  };
}
