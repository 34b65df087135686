import type { AuditEvent } from './ocsf.ts';

/** An event that was lost, as far as a gap tells of it. */
export type Lost = Pick<AuditEvent, 'kind' | 'sequence' | 'timeMs'>;

/** Events that a sink never got. */
export interface Gap {
  readonly sink: string;
  readonly allows: number;
  /** Denials and events of the system. */
  readonly others: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Times of the first and the last of them, milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Adds up what one sink has lost since its readers were told last. */
export interface GapCounter {
  readonly open: boolean;
  add(lost: Lost): void;
  /** The gap, for an event that tells of it; undefined when nothing was lost. */
  take(): Gap | undefined;
  /** Takes back a gap whose event was not written. */
  restore(gap: Gap | undefined): void;
}

/** A counter for the gaps of one sink. */
export function createGapCounter(sink: string): GapCounter {
  let current: Gap | undefined;
  return {
    get open() {
      return current !== undefined;
    },
    add: ({ kind, sequence, timeMs }) => {
      const allows = kind === 'allow' ? 1 : 0;
      const one = { sink, allows, others: 1 - allows, firstSequence: sequence, lastSequence: sequence };
      current = join(current, { ...one, sinceMs: timeMs, untilMs: timeMs });
    },
    take: () => {
      const taken = current;
      current = undefined;
      return taken;
    },
    restore: (gap) => {
      current = join(gap, current);
    },
  };
}

function join(first: Gap | undefined, second: Gap | undefined): Gap | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    sink: first.sink,
    allows: first.allows + second.allows,
    others: first.others + second.others,
    firstSequence: Math.min(first.firstSequence, second.firstSequence),
    lastSequence: Math.max(first.lastSequence, second.lastSequence),
    sinceMs: Math.min(first.sinceMs, second.sinceMs),
    untilMs: Math.max(first.untilMs, second.untilMs),
  };
}
