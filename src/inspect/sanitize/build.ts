import type { BuildContext } from '../../core/build.ts';
import type { ProcessMessage } from '../../core/processing.ts';
import type { SanitizeOptions } from './options.ts';

/** Compiles `sanitize`; undefined when nothing is to be done. The context is that of the list. */
export function buildSanitize(
  _options: readonly SanitizeOptions[],
  _context: BuildContext,
): ProcessMessage | undefined {
  return undefined;
}
