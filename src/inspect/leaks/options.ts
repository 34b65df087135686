import type { JsonSchema } from '../../core/build.ts';

/** A rule's `leaks` as it is configured. */
export interface LeaksOptions {
  readonly [key: string]: unknown;
}

/** JSON Schema of a rule's `leaks`. */
export const leaksSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'Keeps secrets from leaving in responses, and in requests if asked. Default: nothing is looked at.',
  additionalProperties: false,
  properties: {},
});
