import type { DetectionSignals } from '../core/ports.ts';
import type { Cells } from './cells.ts';

/** Signals of detection that count into cells. */
export function createDetectionSignals(cells: Cells): DetectionSignals {
  const active = new Map<string, number>();
  return {
    found: ({ detector, phase, action, shadow }) => {
      if (phase === 'begins') cells.add('findings', [detector, action, String(shadow)]);
      const count = Math.max(0, (active.get(detector) ?? 0) + (phase === 'begins' ? 1 : -1));
      active.set(detector, count);
      cells.set('findingsActive', [detector], count);
    },
    detectionActed: (detector, outcome) => cells.add('detectionBans', [detector, outcome]),
    observationsLost: (count) => cells.add('observationsLost', [], count),
  };
}
