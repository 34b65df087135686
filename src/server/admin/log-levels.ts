import { isObject, type Json } from '../../core/json.ts';
import type { Logs } from '../../telemetry/log.ts';
import { isLogLevel, isLogPart, type LogLevels, logLevels, logParts } from '../../telemetry/log-levels.ts';
import type { AdminOutcome, AdminRoutes } from './api.ts';

/** `/log/levels`: GET tells the levels of the execution log, PUT puts others in force until a reload says something else. */
export const logLevelRoutes = (logs: Pick<Logs, 'levels' | 'adjust'>): AdminRoutes => ({
  '/log/levels': {
    GET: () => told(logs.levels()),
    PUT: ({ body }) => {
      const read = readLevels(body);
      if ('issues' in read) return { kind: 'invalid', issues: read.issues };
      logs.adjust(read);
      return told(read);
    },
  },
});

/** Every part with the level that it goes by. */
function told({ level, parts }: LogLevels): AdminOutcome {
  const shown = Object.fromEntries(logParts.map((part) => [part, parts[part] ?? level]));
  return { kind: 'done', status: 200, value: { level, parts: shown }, object: { type: 'log', name: 'levels' } };
}

const known = ['level', 'parts'];
const wanted = `must be one of ${logLevels.join(', ')}`;

/** The whole of it: a part that is not named goes by `level`. */
function readLevels(body: Json | undefined): LogLevels | { readonly issues: readonly string[] } {
  if (!isObject(body)) return { issues: ['the body must be a JSON object'] };
  const { level, parts = {} } = body;
  const issues = Object.keys(body).flatMap((name) =>
    known.includes(name) ? [] : [`${quoted(name)} is not known; known are ${known.join(', ')}`],
  );
  if (!isLogLevel(level)) issues.push(`"level" ${wanted}`);
  if (!isObject(parts)) issues.push('"parts" must be an object');
  const entries = isObject(parts) ? Object.entries(parts) : [];
  for (const [part, said] of entries) {
    if (!isLogPart(part)) issues.push(`there is no part ${quoted(part)}; there are ${logParts.join(', ')}`);
    else if (!isLogLevel(said)) issues.push(`"parts.${part}" ${wanted}`);
  }
  return isLogLevel(level) && issues.length === 0 ? { level, parts: Object.fromEntries(entries) } : { issues };
}

const quoted = (name: string): string => JSON.stringify(name.slice(0, 64));
