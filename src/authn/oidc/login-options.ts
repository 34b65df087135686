import type { BuildContext } from '../../core/build.ts';
import { openReader, type Reader } from '../../core/options.ts';
import { isLocal } from './return-address.ts';
import { defaults } from './schema.ts';

/** How people log in. */
export interface LoginOptions {
  /** How long a login may take. */
  readonly timeoutMs: number;
  /** How many may be under way in one browser. */
  readonly parallel: number;
  readonly landing: string;
  /** Parameters of ours for the provider's login page. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What becomes of them when they log out. */
export interface LogoutOptions {
  /** The path on the public origin where they end. */
  readonly after: string;
  /** The provider's own logout follows ours. */
  readonly rpInitiated: boolean;
}

const minute = 60_000;
const day = 24 * 60 * minute;
// Ours to say: whoever could set one of these could undo the protection of the login.
const reserved: ReadonlySet<string> = new Set(
  (
    'client_id client_secret redirect_uri response_type response_mode scope state nonce code_challenge code_challenge_method ' +
    'request request_uri id_token_hint acr_values max_age registration'
  ).split(' '),
);

/** Reads `login:`; what is wrong is an issue. */
export function readLogin(raw: unknown, context: BuildContext): LoginOptions {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  return {
    timeoutMs: reader.durationMs('timeout', defaults.loginTimeout, { minMs: minute, maxMs: day }),
    parallel: reader.integer('parallel', defaults.parallel, { min: 1, max: 20 }),
    landing: readPath(reader, context, 'landing'),
    parameters: readParameters(reader, context),
  };
}

function readParameters(reader: Reader, context: BuildContext): Readonly<Record<string, string>> {
  const members = openReader(reader.raw('parameters') ?? {}, (path, message) =>
    context.issue(['parameters', ...path], message),
  );
  const given = reader.raw('parameters');
  const names = typeof given === 'object' && given !== null ? Object.keys(given) : [];
  return Object.fromEntries(
    names.flatMap((name) => {
      if (reserved.has(name)) context.issue(['parameters', name], 'is ours to set');
      const value = members.text(name, '');
      return value === '' || reserved.has(name) ? [] : [[name, value]];
    }),
  );
}

/** Reads `logout:`; what is wrong is an issue. */
export const readLogout = (raw: unknown, context: BuildContext): LogoutOptions => {
  const reader = openReader(raw, (path, message) => context.issue(path, message));
  return { after: readPath(reader, context, 'after'), rpInitiated: reader.flag('rp_initiated', true) };
};

function readPath(reader: Reader, context: BuildContext, name: string): string {
  const path = reader.text(name, '/');
  if (!isLocal(path)) context.issue([name], 'must be a path on the public origin, like /');
  return isLocal(path) ? path : '/';
}
