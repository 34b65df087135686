import type { JsonSchema } from '../../core/build.ts';
import type { Mode } from '../../core/plan.ts';
import type { OnFailure } from '../on-failure.ts';

/** One exclusion: a rule, a range or a class, on some or all parameters. */
export interface ExclusionOptions {
  /** A rule's id, a range like 942000-942999, or a class like sqli. */
  readonly rule: string;
  /** Places like "query.q", "body./comment", "header.referer", "cookie.*"; one or several. Absent: everywhere. */
  readonly on?: string | readonly string[] | undefined;
}

/** The OWASP Core Rule Set as it is configured. */
export interface CrsOptions {
  readonly dir: string;
  readonly paranoia?: 1 | 2 | 3 | 4 | undefined;
  readonly anomaly_threshold?: number | undefined;
  readonly exclude?: readonly ExclusionOptions[] | undefined;
}

/** `protect`, of a rule or of the whole config, as it is configured. */
export interface ProtectOptions {
  readonly preset?: 'balanced' | 'strict' | 'monitor' | 'off' | undefined;
  readonly crs?: CrsOptions | undefined;
  readonly exclude?: readonly ExclusionOptions[] | undefined;
  readonly on_failure?: OnFailure | undefined;
  readonly mode?: Mode | undefined;
}

/** JSON Schema of `protect`. */
export const protectSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'Searches the request for attacks. Default: no search.',
  additionalProperties: false,
  properties: {
    preset: {
      enum: ['balanced', 'strict', 'monitor', 'off'],
      description: 'How much is found, and what becomes of it. Default: balanced.',
    },
  },
});

/** What holds for a rule: its own keys, and what the whole config says of the others. Undefined: nothing is searched. */
export function mergeProtect(
  general: ProtectOptions | undefined,
  own: ProtectOptions | undefined,
): ProtectOptions | undefined {
  if (general === undefined || own === undefined) return own ?? general;
  return { ...general, ...own };
}
