import type { BuildContext, JsonSchema } from '../core/build.ts';
import { openReader, readChoice } from '../core/options.ts';
import type { Encoding } from './encodings/encoding.ts';
import { encodings } from './encodings/index.ts';
import { buildFilter, filterSchema } from './filter.ts';
import { buildMask, maskSchema } from './mask.ts';
import type { AuditEvent } from './ocsf.ts';

/** What one sink gets to see of all events. */
export interface View {
  /** Whether the event is for this sink. */
  accepts(event: AuditEvent): boolean;
  /** The event with the line that this sink writes. */
  shape(event: AuditEvent): AuditEvent;
  readonly encoding: Pick<Encoding, 'braces'>;
}

const encodingNames = ['ocsf', 'ecs', 'cef'] as const satisfies readonly (keyof typeof encodings)[];

/** The schema of the options that every sink has. */
export const viewSchema: Readonly<Record<string, JsonSchema>> = Object.freeze({
  encoding: {
    enum: encodingNames,
    description:
      'How events are written: OCSF 1.8.0 as JSON, Elastic Common Schema as JSON, or ArcSight’s Common Event Format as text. Only JSON is chained. Default: ocsf.',
  },
  filter: filterSchema,
  mask: maskSchema,
});

/** Reads `encoding`, `filter` and `mask` of a sink; what is wrong is an issue. */
export function buildView(options: Readonly<Record<string, unknown>>, context: BuildContext): View {
  const reader = openReader(options, context.issue);
  const encoding = encodings[readChoice(reader, context, 'encoding', encodingNames)];
  const mask = buildMask(options['mask'], context.at('mask'));
  const accepts = buildFilter(options['filter'], context.at('filter'));
  return { accepts, shape: shaper(encoding, mask), encoding };
}

function shaper({ encode }: Encoding, mask: ((event: object) => object) | undefined): View['shape'] {
  if (encode === undefined && mask === undefined) return (event) => event;
  return (event) => {
    // A line that we have just made: an object.
    const whole = JSON.parse(event.line) as object;
    const shown = mask === undefined ? whole : mask(whole);
    return { ...event, line: encode === undefined ? JSON.stringify(shown) : encode(shown, event) };
  };
}
