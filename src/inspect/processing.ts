import type { BuildContext } from '../core/build.ts';
import type { CountVolume, Processing } from '../core/processing.ts';
import { inTurn } from './in-turn.ts';
import { buildLeaks } from './leaks/build.ts';
import type { LeaksOptions } from './leaks/options.ts';
import type { InspectionPool } from './pool/pool.ts';
import { buildSanitize } from './sanitize/build.ts';
import type { SanitizeOptions } from './sanitize/options.ts';
import { measured } from './volume.ts';

/** What a rule says about bodies on their way. */
export interface ProcessingOptions {
  readonly sanitize?: SanitizeOptions | undefined;
  readonly leaks?: LeaksOptions | undefined;
}

/**
 * Compiles what a rule does with messages on their way: sanitize, then leaks; the pool takes the large bodies, volume hears
 * what its responses give away. The context is the rule's.
 */
export function buildProcessing(
  { sanitize, leaks }: ProcessingOptions,
  context: BuildContext,
  pool: InspectionPool,
  volume: CountVolume | undefined,
): Processing {
  const sanitized = sanitize === undefined ? undefined : buildSanitize(sanitize, context.at('sanitize'), pool);
  const { request, response } = buildLeaks(leaks ?? {}, context.at('leaks'));
  return measured({ request: inTurn(sanitized, request), response }, volume);
}
