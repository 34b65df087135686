import type { Unit } from '../../core/descriptor.ts';

const dayMs = 86_400_000;

/** Milliseconds of each unit; a month is 30 days and a year 365, as the grammar has it. */
export const unitMs = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
  month: 30 * dayMs,
  year: 365 * dayMs,
} as const satisfies Record<Unit, number>;

/** The unit of a name in any case; undefined when there is none. */
export function parseUnit(text: string): Unit | undefined {
  const lower = text.toLowerCase();
  return Object.hasOwn(unitMs, lower) ? (lower as Unit) : undefined; // hasOwn has just said so
}
