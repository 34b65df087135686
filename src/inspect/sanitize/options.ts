import type { JsonSchema } from '../../core/build.ts';

/** One entry of a rule's `sanitize`. */
export interface SanitizeOptions {
  readonly [key: string]: unknown;
}

/** JSON Schema of a rule's `sanitize`. */
export const sanitizeSchema: JsonSchema = Object.freeze({
  type: 'array',
  description: 'Makes texts of the request harmless on their way. Default: none.',
  items: { type: 'object', additionalProperties: false, properties: {} },
});
