import type { ClosedTrail, StepName } from '../core/trail.ts';

/**
 * How long each step of the deciding rule took, in milliseconds, the two of `limit` together; what is left of the call's
 * time is `respond`, in which the answer is put together.
 */
export function stepTimes({ entries, durationMs, service }: ClosedTrail): ReadonlyMap<StepName, number> {
  const times = new Map<StepName, number>();
  // The parts of an exchange have times of their own: what it waited for is no time of ours.
  if (service === 'process') return times;
  let left = durationMs;
  for (const { step, shadow, durationMs: took } of entries) {
    if (shadow) continue;
    times.set(step, (times.get(step) ?? 0) + took);
    left -= took;
  }
  times.set('respond', (times.get('respond') ?? 0) + Math.max(0, left));
  return times;
}
