import type { AccessEntry } from '../core/access-entry.ts';
import { type Cause, causes, durationBounds, statusClasses, type Tally } from '../core/traffic.ts';

/** A tally of nothing. */
export const openTally = (): Tally => ({
  requests: new Float64Array(statusClasses.length),
  errors: new Float64Array(causes.length),
  durations: new Float64Array(durationBounds.length + 1),
  durationSeconds: 0,
  bytesIn: 0,
  bytesOut: 0,
});

const bump = (cells: Float64Array, index: number, by = 1): void => {
  cells[index] = (cells[index] ?? 0) + by;
};

/** Counts a request; cause is who caused what went wrong with it. */
export function count(tally: Tally, { milestones, request, response }: AccessEntry, cause: Cause | undefined): void {
  bump(tally.requests, Math.min(5, Math.floor((response.status ?? 0) / 100)));
  if (cause !== undefined) bump(tally.errors, causes.indexOf(cause));
  const seconds = (milestones.end ?? milestones.responseSent ?? 0) / 1000;
  let bound = 0;
  while (bound < durationBounds.length && seconds > (durationBounds[bound] ?? 0)) bound += 1;
  bump(tally.durations, bound);
  tally.durationSeconds += seconds;
  tally.bytesIn += request.bodyBytes;
  tally.bytesOut += response.bodyBytes;
}

/** Adds all of a tally to another one. */
export function fold(from: Tally, into: Tally): void {
  for (const part of ['requests', 'errors', 'durations'] as const) {
    for (const [index, value] of from[part].entries()) bump(into[part], index, value);
  }
  into.durationSeconds += from.durationSeconds;
  into.bytesIn += from.bytesIn;
  into.bytesOut += from.bytesOut;
}
