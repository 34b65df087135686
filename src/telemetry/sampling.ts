import type { ClosedTrail } from '../core/trail.ts';
import type { TracesConfig } from './traces.ts';

/** Why a call has a span: its caller's trace is sampled, it begins one of its own, its rule says so, or its denial is asked for. */
type SampledBy = 'parent' | 'root' | 'rule' | 'reason';

/** What decides whether a call has a span. */
interface SamplingOptions {
  /** The share of calls without a parent that begin a trace of their own, 0 to 1. */
  readonly sampleRoot: number;
  readonly traces: TracesConfig;
  /** From 0 to 1, for calls that have no trace to be chosen by. */
  readonly random?: () => number;
}

/** Says why a call has a span; undefined: it has none. */
export type Sampling = (trail: ClosedTrail) => SampledBy | undefined;

/** The sampling of calls whose story is told: what a rule says stands in the place of what Envoy says, and a denial that is asked for comes on top. */
export function createSampling({ sampleRoot, traces, random = Math.random }: SamplingOptions): Sampling {
  const { rules, denials } = traces;
  return ({ decision, trace }) => {
    const share = decision.rule === undefined ? undefined : rules.get(decision.rule);
    if (share !== undefined) {
      if ((trace === undefined ? random() : placeOf(trace.traceId)) < share) return 'rule';
    } else if (trace === undefined) {
      if (random() < sampleRoot) return 'root';
    } else if (trace.sampled) return 'parent';
    return decision.effect === 'deny' && (denials === 'all' || denials.has(decision.reason)) ? 'reason' : undefined;
  };
}

// The digits that W3C Trace Context Level 2 wants to be random: every replica finds the same calls of a trace.
const placeOf = (traceId: string): number => Number.parseInt(traceId.slice(-13), 16) / 2 ** 52;
