import { errorName } from '../core/bug.ts';
import type { BuildContext } from '../core/build.ts';
import type { Rule, Subject } from '../core/plan.ts';
import { abstain, type Detail, fail, passWith, type Verdict } from '../core/verdict.ts';
import type { Inspect, Inspection, InspectionOptions } from './inspection.ts';
import { parametersInspection } from './parameters.ts';
import { payloadInspection } from './payload.ts';

/** What a rule can say about inspection. */
export type { InspectionOptions, ParametersOptions, PayloadOptions } from './inspection.ts';
export { parametersSchema } from './parameters-schema.ts';
export { payloadSchema } from './payload-schema.ts';

/** Every kind of inspection, in the order in which a rule's inspections run: the cheap ones first. */
export const inspections = Object.freeze({
  parameters: parametersInspection,
  schema: payloadInspection,
} as const satisfies Record<string, Inspection>);

/** A bug outside of the choice that a payload's on_failure gives. */
function inspectOrFail(inspect: Inspect, subject: Subject): Verdict {
  try {
    return inspect(subject);
  } catch (error) {
    return fail('inspection_failed', { error: errorName(error) });
  }
}

/**
 * Compiles what a rule says of inspection: its first reject or fail, else a pass if any inspection passed, else an
 * abstention. The context is the rule's; every issue is reported, nothing is thrown.
 */
export function buildInspection(options: InspectionOptions, context: BuildContext): Rule['inspect'] {
  const configured = Object.values(inspections).flatMap((kind) => kind.build(options, context) ?? []);
  if (configured.length === 0) return () => abstain();
  return (subject) => {
    let detail: Detail = {};
    let passed = false;
    for (const inspect of configured) {
      const verdict = inspectOrFail(inspect, subject);
      switch (verdict.kind) {
        case 'reject':
        case 'fail':
          return verdict;
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
