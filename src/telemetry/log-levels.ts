import type { BuildContext, JsonSchema } from '../core/build.ts';

/** Levels of the execution log, from the quietest. */
export const logLevels = Object.freeze(['silent', 'error', 'warn', 'info', 'debug'] as const);

/** A level of the execution log. */
export type LogLevel = (typeof logLevels)[number];

/** The parts of the house that speak in the execution log. */
export const logParts = Object.freeze([
  'server',
  'config',
  'identity',
  'store',
  'feeds',
  'audit',
  'access_log',
  'telemetry',
  'detection',
] as const);

/** A part of the house that speaks. */
export type Part = (typeof logParts)[number];

/** Whether something from outside is a level. */
export const isLogLevel = (value: unknown): value is LogLevel => logLevels.some((level) => level === value);

/** Whether something from outside is the name of a part. */
export const isLogPart = (value: unknown): value is Part => logParts.some((part) => part === value);

/** The least severe level that is written, and what differs from it by part. */
export interface LogLevels {
  readonly level: LogLevel;
  readonly parts: { readonly [part in Part]?: LogLevel };
}

/** The config key `telemetry.log` as users write it. */
export interface LogKeys {
  readonly level?: LogLevel;
  readonly parts?: { readonly [part in Part]?: LogLevel };
}

const says: Readonly<Record<Part, string>> = {
  server: 'The start, the end, listeners, calls that meet a bug.',
  config: 'Loads of the config.',
  identity: 'Key sets, providers, sessions, API keys and what has been revoked.',
  store: 'The connections to Redis.',
  feeds: 'Lists of addresses that others keep.',
  audit: 'The delivery of audit events, and the spool.',
  access_log: 'The thread that takes Envoy’s access log.',
  telemetry: 'Exports to the collector.',
  detection: 'Findings and bans.',
};

/** The schema of `telemetry.log`. */
export const logSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'The levels of the execution log; a reload that changes them puts them in force, and so does PUT /log/levels of the admin API until then. Default: info.',
  additionalProperties: false,
  properties: {
    level: { enum: logLevels, description: 'The least severe level that is written. Default: info.' },
    parts: {
      type: 'object',
      description: 'Parts of the house whose level is another one. Default: none.',
      additionalProperties: false,
      properties: Object.fromEntries(
        logParts.map((part) => [part, { enum: logLevels, description: `${says[part]} Default: level.` }]),
      ),
    },
  },
});

/** Fills in the defaults of `telemetry.log`; short is `telemetry.log_level`, which says the same in a word. The context is that of `telemetry`. */
export function buildLogLevels(
  keys: LogKeys | undefined,
  short: LogLevel | undefined,
  context: BuildContext,
): LogLevels {
  if (short !== undefined && keys?.level !== undefined) {
    context.issue(['log_level'], 'is said by log.level already');
  }
  return { level: keys?.level ?? short ?? 'info', parts: keys?.parts ?? {} };
}
