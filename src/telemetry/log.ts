import pino, { type DestinationStream, type Logger } from 'pino';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/ports.ts';
import { type LogLevels, logParts, type Part } from './log-levels.ts';

// Nobody should log these; if somebody does one day, the log still does not show them.
const secrets = ['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'dpop']
  .concat(['password', 'secret', 'token', 'credential', 'body', 'query'])
  .map((name) => `["${name}"]`);
const redactedPaths = secrets.flatMap((path) => [path.slice(0), `*${path}`, `*.*${path}`]);

/** What the log needs. */
interface LogOptions {
  readonly levels: LogLevels;
  readonly serviceName: string;
  readonly clock: Clock;
  /** Where lines go; standard error by default, because standard output is audit's. */
  readonly destination?: DestinationStream;
}

/** The execution log, by the part of the house that speaks. */
export interface Logs extends Readonly<Record<Part, Log>> {
  /** The levels in force. */
  levels(): LogLevels;
  /** Puts other levels in force, at once. */
  adjust(levels: LogLevels): void;
}

/** The execution log: one JSON object a line. */
export function createLogs({ levels: first, serviceName, clock, destination }: LogOptions): Logs {
  const root = pino(
    {
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
  const loggers = logParts.map((part) => [part, root.child({ part })] as const);
  let levels = first;
  const adjust = (next: LogLevels): void => {
    levels = next;
    for (const [part, logger] of loggers) logger.level = next.parts[part] ?? next.level;
  };
  adjust(first);
  // Built from the list of the parts itself.
  const logs = Object.fromEntries(loggers.map(([part, logger]) => [part, logOf(logger)])) as Record<Part, Log>;
  return { ...logs, levels: () => levels, adjust };
}

function logOf(logger: Logger): Log {
  const debug: Log['debug'] = (fields, message) => logger.debug(fields, message);
  return {
    get debug() {
      return logger.isLevelEnabled('debug') ? debug : undefined;
    },
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
