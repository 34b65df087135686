import pino, { type DestinationStream } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/ports.ts';

/** Levels of the execution log, from the quietest. */
export const logLevels = Object.freeze(['silent', 'error', 'warn', 'info'] as const);

/** A level of the execution log. */
export type LogLevel = (typeof logLevels)[number];

// Nobody should log these; if somebody does one day, the log still does not show them.
const secrets = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'dpop']
  .concat(['password', 'secret', 'token', 'credential', 'body', 'query'])
  .map((name) => `["${name}"]`);
const redactedPaths = secrets.flatMap((path) => [path.slice(0), `*${path}`, `*.*${path}`]);

/** What the log needs. */
interface LogOptions {
  readonly level: LogLevel;
  readonly serviceName: string;
  readonly clock: Clock;
  /** Where lines go; standard error by default, because standard output is audit's. */
  readonly destination?: DestinationStream;
}

/** The execution log: one JSON object a line. */
export function createLog({ level, serviceName, clock, destination }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: { service: serviceName },
      messageKey: 'message',
      redact: { paths: redactedPaths, censor: '[redacted]' },
      serializers: { error: pino.stdSerializers.err },
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
    },
    // Synchronous: a line that explains why the process ends must be out before it does.
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
