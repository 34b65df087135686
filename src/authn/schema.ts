import type { JsonSchema } from '../core/build.ts';

/** The schema of an option that is a text, not an empty one. */
export const textSchema = (description: string, rest: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  minLength: 1,
  description,
  ...rest,
});

/** The schema of an option that is a duration. */
export const durationSchema = (description: string): JsonSchema => ({
  type: 'string',
  format: 'duration',
  description,
});

/** The schema of an option that is a list of different texts. */
export const textsSchema = (description: string, rest: JsonSchema = {}): JsonSchema => ({
  type: 'array',
  items: { type: 'string', minLength: 1 },
  uniqueItems: true,
  description,
  ...rest,
});
