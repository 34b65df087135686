import type { BuildContext, JsonSchema } from '../core/build.ts';
import { parseDurationMs } from '../core/units.ts';
import type { ListenOptions } from './settings.ts';

/** The config key `revocation` as users write it. */
export interface RevocationOptions {
  readonly keep?: string;
}

/** The config key `dashboard` as users write it. */
export interface DashboardOptions {
  readonly trace_url?: string;
}

/** What the admin API goes by; unlike the address it listens at, a reload changes it. */
export interface AdminSettings {
  /** The token that administrators prove themselves by; undefined: nobody can. A secret. */
  readonly token: string | undefined;
  /** How long a revocation is kept where nobody says how long the credentials that it means last. */
  readonly keepMs: number;
  /** Where traces are shown, `{trace_id}` in it the id; undefined: nowhere that we know of. */
  readonly traceUrl: string | undefined;
}

const keepDefault = '30d';
const shortestMs = 60_000;

/** The schema of the config key `revocation`. */
export const revocationSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'What has been taken back before its time.',
  additionalProperties: false,
  properties: {
    keep: {
      type: 'string',
      format: 'duration',
      description: `How long a revocation is kept when nobody says until when: at least as long as tokens and sessions last. API keys and client certificates are revoked for good. Default: ${keepDefault}.`,
    },
  },
});

const tracePlace = '{trace_id}';

/** The schema of the config key `dashboard`. */
export const dashboardSchema: JsonSchema = Object.freeze({
  type: 'object',
  description: 'What the dashboard on the admin address shows besides.',
  additionalProperties: false,
  properties: {
    trace_url: {
      type: 'string',
      description: `Where traces are shown: an http or https URL with ${tracePlace} in the place of the id, like http://localhost:16686/trace/${tracePlace}. Default: none; traces are then named, and not linked.`,
    },
  },
});

/** The token of `listen.admin`, the defaults of `revocation` and the options of `dashboard`; the context is that of the whole config. */
export function buildAdmin(
  listen: ListenOptions | undefined,
  { keep = keepDefault }: RevocationOptions = {},
  { trace_url: traceUrl }: DashboardOptions = {},
  context: BuildContext,
): AdminSettings {
  const file = typeof listen?.admin === 'object' ? listen.admin.token_file : undefined;
  const keepMs = parseDurationMs(keep) ?? 0;
  if (keepMs < shortestMs) context.issue(['revocation', 'keep'], 'must be at least 1m');
  if (traceUrl !== undefined && !isTraceUrl(traceUrl)) {
    context.issue(
      ['dashboard', 'trace_url'],
      `must be an http or https URL without user information that holds ${tracePlace}`,
    );
  }
  return {
    token: file === undefined ? undefined : readToken(file, context.at('listen', 'admin', 'token_file')),
    keepMs,
    traceUrl,
  };
}

function isTraceUrl(text: string): boolean {
  const url = URL.parse(text.replaceAll(tracePlace, '0'));
  return (
    text.includes(tracePlace) && /^https?:$/.test(url?.protocol ?? '') && url?.username === '' && url.password === ''
  );
}

// What a bearer token may be made of (RFC 6750 section 2.1); 32 characters are 128 bits even where only 16 are in use.
const tokenShape = /^[A-Za-z0-9._~+/-]{32,1024}=*$/;

function readToken(name: string, context: BuildContext): string | undefined {
  const token = context.file(name)?.text.trim();
  if (token === undefined || tokenShape.test(token)) return token;
  context.issue(
    [],
    'must name a file with one token of 32 to 1024 characters A-Z a-z 0-9 - . _ ~ + /, and nothing else',
  );
  return undefined;
}
