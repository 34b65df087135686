import type { Ban } from '../../core/ban.ts';
import type { Lift } from './entry.ts';

/** When it is over; never, where it has no end. */
export const endOf = ({ untilMs = Number.POSITIVE_INFINITY }: { readonly untilMs: number | undefined }): number =>
  untilMs;

const strengthOf = ({ tighten = Number.POSITIVE_INFINITY }: Ban): number => tighten;

/** Whether one ban makes another one of the same author needless. */
export const saysAll = (one: Ban, other: Ban): boolean =>
  one.by === other.by && endOf(one) >= endOf(other) && strengthOf(one) >= strengthOf(other);

/** Whether one says all that the other says, and is lifted by nothing that does not lift the other. */
export const covers = (one: Ban, other: Ban): boolean => saysAll(one, other) && one.sinceMs >= other.sinceMs;

/** Whether a lift ends a ban of its target. */
export const ends = (lift: Lift, ban: Ban): boolean => ban.sinceMs <= lift.atMs && endOf(ban) <= endOf(lift);

/** Whether one lift ends whatever the other ends. */
export const coversLift = (one: Lift, other: Lift): boolean => one.atMs >= other.atMs && endOf(one) >= endOf(other);
