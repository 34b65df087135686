import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { DetectorKind, PreparedDetector } from './detector.ts';
import { detectors } from './detectors/index.ts';
import type { Acting } from './findings.ts';
import { countSchema, durationSchema, openThresholds } from './options.ts';

type DetectorName = keyof typeof detectors;

/** The config key `detection` as users write it. */
export type DetectionOptions = {
  readonly warm_up?: string;
  readonly bans_per_minute?: number;
  readonly allow?: { readonly addresses?: readonly string[]; readonly principals?: readonly string[] };
} & { readonly [name in DetectorName]?: Readonly<Record<string, unknown>> };

/** A detector that is to run, and what is done about its findings. */
export interface DetectorSetup {
  readonly name: string;
  readonly prepared: PreparedDetector;
  readonly acting: Acting;
}

/** What detection goes by; a reload changes it. */
export interface DetectionSettings {
  readonly detectors: readonly DetectorSetup[];
  readonly bansPerMinute: number;
  readonly allow: { readonly addresses: readonly string[]; readonly principals: readonly string[] };
}

const defaults = { warmUp: '1h', noWarmUp: '0s', bansPerMinute: 60, for: '15m', tighten: 10, cooldown: '5m' } as const;

const texts = (description: string, format?: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string', ...(format === undefined ? {} : { format }) },
  description,
});

const detectorSchema = ({ description, schema, learns }: DetectorKind): JsonSchema => ({
  type: 'object',
  description: `${description} An empty object takes the defaults. Default: none; the detector does not run.`,
  additionalProperties: false,
  properties: {
    action: {
      enum: ['alert', 'ban', 'tighten'],
      description:
        'What is done about a finding besides telling of it: ban those who are to blame, or count their requests more often in limits. Default: alert.',
    },
    mode: { enum: ['enforce', 'shadow'], description: 'shadow: tells of findings and does nothing. Default: enforce.' },
    for: durationSchema(`How long a ban or a tightening lasts. At least 1s. Default: ${defaults.for}.`),
    tighten: countSchema(
      `How often each request counts in limits while its client is tightened. Default: ${defaults.tighten}.`,
      2,
      1000,
    ),
    warm_up: durationSchema(
      `How long after its start the detector only learns. Default: ${learns ? 'that of all detection' : defaults.noWarmUp}.`,
    ),
    cooldown: durationSchema(
      `How long after a finding nothing is told of the same subject. Default: ${defaults.cooldown}.`,
    ),
    ...schema,
  },
});

/** The schema of the config key `detection`. */
export const detectionSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'What is looked for in what goes through, and what is done about it. Default: nothing.',
  additionalProperties: false,
  properties: {
    warm_up: durationSchema(`How long after the start what is usual is only learnt. Default: ${defaults.warmUp}.`),
    bans_per_minute: countSchema(
      `More bans than so many in a minute, of all detectors together, are not made, but told of. Default: ${defaults.bansPerMinute}.`,
      1,
      100_000,
    ),
    allow: {
      type: 'object',
      description: 'Who is never acted against. Default: nobody.',
      additionalProperties: false,
      properties: {
        addresses: texts('Addresses and prefixes. Default: none.', 'prefix'),
        principals: texts('Keys of principals: source/id. Default: none.'),
      },
    },
    ...Object.fromEntries(Object.entries(detectors).map(([name, kind]) => [name, detectorSchema(kind)])),
  },
});

/** Fills in the defaults of `detection`; the context is that of `detection`. */
export function buildDetection(options: DetectionOptions | undefined, context: BuildContext): DetectionSettings {
  const { warm_up = defaults.warmUp, bans_per_minute = defaults.bansPerMinute, allow = {}, ...rest } = options ?? {};
  const chosen = new Map(Object.entries(rest));
  return {
    detectors: Object.entries(detectors).flatMap(([name, kind]) => {
      const own = chosen.get(name);
      return own === undefined ? [] : [setupOf(name, kind, own, warm_up, context.at(name))];
    }),
    bansPerMinute: bans_per_minute,
    allow: { addresses: allow.addresses ?? [], principals: allow.principals ?? [] },
  };
}

function setupOf(
  name: string,
  kind: DetectorKind,
  raw: Readonly<Record<string, unknown>>,
  warmUp: string,
  context: BuildContext,
): DetectorSetup {
  const read = openThresholds(raw, context);
  const { action } = raw;
  return {
    name,
    prepared: kind.prepare(raw, context),
    acting: {
      action: action === 'ban' || action === 'tighten' ? action : 'alert',
      forMs: read.durationMs('for', defaults.for, 1000),
      factor: read.number('tighten', defaults.tighten),
      shadow: raw['mode'] === 'shadow',
      warmUpMs: read.durationMs('warm_up', kind.learns ? warmUp : defaults.noWarmUp),
      cooldownMs: read.durationMs('cooldown', defaults.cooldown),
    },
  };
}
