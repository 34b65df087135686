import type { BuildContext } from '../core/build.ts';
import type { Rule, Subject } from '../core/plan.ts';
import { abstain } from '../core/verdict.ts';
import type { InspectionOptions } from './inspection.ts';
import { type InspectionPart, inspector, weighFailure } from './inspector.ts';
import { inspections, kindNames } from './kinds.ts';
import type { InspectionPool, InspectorSpec } from './pool/pool.ts';

/** What a rule can say about inspection. */
export { prepareSearch, type Wanted, wantedSearches } from './attacks/ahead.ts';
export { mergeProtect, type ProtectOptions, protectSchema } from './attacks/options.ts';
export {
  type CrsFarReading,
  type CrsReading,
  crsKey,
  knownCrs,
  readCrsFar,
  takeCrs,
} from './attacks/seclang/known-crs.ts';
export { knownContract, openContract, prepareContract, sharedJson } from './contract/known-contracts.ts';
export type { InspectionOptions } from './inspection.ts';
export { inspections } from './kinds.ts';
export { leaksSchema } from './leaks/options.ts';
export { parametersSchema } from './parameters-schema.ts';
export { payloadSchema } from './payload-schema.ts';
export { inlinePool } from './pool/inline.ts';
export { buildPoolLimits, type InspectionLimitOptions, inspectionLimitsSchema } from './pool/limits.ts';
export { openPool } from './pool/open.ts';
export type { InspectionPool, PoolLimits } from './pool/pool.ts';
export { buildProcessing, type ProcessingOptions } from './processing.ts';
export { sanitizeSchema } from './sanitize/options.ts';

/** A part and the spec by which another thread makes the same. */
type SpecifiedPart = InspectionPart & { readonly entry: InspectorSpec[number]; readonly heavy: boolean };

function buildParts(options: InspectionOptions, context: BuildContext): readonly SpecifiedPart[] {
  return kindNames.flatMap((kind) => {
    const { key, heavy, build } = inspections[kind];
    const built = build(options, context);
    if (built === undefined) return [];
    const { spec, inspect, onFailure, mode } = built;
    return [{ key, heavy, inspect, onFailure, mode, entry: { kind, spec, onFailure, mode } }];
  });
}

/** Another thread needs nothing of who calls. */
const anonymous = ({ request, parameters, rule }: Subject): Subject => ({
  request,
  parameters,
  rule,
  principal: undefined,
});

/**
 * Compiles what a rule says of inspection: its first reject or fail, else a pass if any inspection passed, else an
 * abstention. A body larger than the pool's inlineBytes is looked at by the pool. The context is the rule's; every issue is
 * reported, nothing is thrown.
 */
export function buildInspection(
  options: InspectionOptions,
  context: BuildContext,
  pool: InspectionPool,
): Rule['inspect'] {
  const parts = buildParts(options, context);
  if (parts.length === 0) return () => abstain();
  const inspect = inspector(parts);
  const [heavy, light] = [parts.filter((part) => part.heavy), parts.filter((part) => !part.heavy)];
  if (heavy.length === 0) return (subject) => inspect(subject, pool.inlineBudgetMs);
  const inspectLight = inspector(light);
  const elsewhere = pool.register(
    'inspector',
    parts.map(({ entry }) => entry),
    inspect,
  );
  return (subject, signal) => {
    const { body } = subject.request.attributes;
    if (body === undefined || body.length <= pool.inlineBytes) return inspect(subject, pool.inlineBudgetMs);
    return elsewhere(anonymous(subject), signal).then((ended) => {
      if (ended.kind === 'done') return ended.made;
      // What needs no thread holds where threads fail, also where that failure lets the rest pass.
      const verdict = inspectLight(subject, pool.inlineBudgetMs);
      return verdict.kind === 'reject' || verdict.kind === 'fail' ? verdict : weighFailure(heavy, ended.failure);
    });
  };
}
