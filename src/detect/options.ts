import type { BuildContext, JsonSchema } from '../core/build.ts';
import { parseBytes, parseDurationMs } from '../core/units.ts';

/** The options of a detector, whose shape the schema has checked. */
interface Thresholds {
  /** A number; the schema of it says the bounds. */
  number(name: string, fallback: number): number;
  flag(name: string, fallback: boolean): boolean;
  /** A duration in milliseconds; one that is shorter than the bound, or longer than ten years, is an issue. */
  durationMs(name: string, fallback: string, leastMs?: number): number;
  bytes(name: string, fallback: string): number;
}

// Beyond what is a date a ban could not be told of.
const mostDays = 3650;
const dayMs = 86_400_000;

/** Reads the options of a detector. */
export function openThresholds(options: Readonly<Record<string, unknown>>, context: BuildContext): Thresholds {
  const text = (name: string, fallback: string): string => {
    const value = options[name];
    return typeof value === 'string' ? value : fallback;
  };
  return {
    number: (name, fallback) => {
      const value = options[name];
      return typeof value === 'number' ? value : fallback;
    },
    flag: (name, fallback) => {
      const value = options[name];
      return typeof value === 'boolean' ? value : fallback;
    },
    durationMs: (name, fallback, leastMs = 0) => {
      const ms = parseDurationMs(text(name, fallback)) ?? 0;
      if (ms < leastMs) context.issue([name], `must be at least ${leastMs / 1000}s`);
      if (ms > mostDays * dayMs) context.issue([name], `must be at most ${mostDays}d`);
      return Math.max(ms, leastMs);
    },
    bytes: (name, fallback) => parseBytes(text(name, fallback)) ?? 0,
  };
}

/** A number of at least so much. */
export const numberSchema = (description: string, minimum: number, maximum = 1e9): JsonSchema => ({
  type: 'number',
  minimum,
  maximum,
  description,
});

/** A whole number of at least so much. */
export const countSchema = (description: string, minimum = 1, maximum = 1_000_000): JsonSchema => ({
  type: 'integer',
  minimum,
  maximum,
  description,
});

/** A duration. */
export const durationSchema = (description: string): JsonSchema => ({
  type: 'string',
  format: 'duration',
  description,
});
