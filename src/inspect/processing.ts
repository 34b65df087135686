import type { BuildContext } from '../core/build.ts';
import { noProcessing, type Processing } from '../core/processing.ts';
import type { LeaksOptions } from './leaks/options.ts';
import type { SanitizeOptions } from './sanitize/options.ts';

/** What a rule says about bodies on their way. */
export interface ProcessingOptions {
  readonly sanitize?: readonly SanitizeOptions[] | undefined;
  readonly leaks?: LeaksOptions | undefined;
}

/** Compiles what a rule does with messages on their way: sanitize, then leaks. The context is the rule's. */
export function buildProcessing(_options: ProcessingOptions, _context: BuildContext): Processing {
  return noProcessing;
}
