import { parseDateTimeMs } from '../core/date-time.ts';
import { splitPrincipalKey } from '../core/principal.ts';
import { parseDurationMs } from '../core/units.ts';
import { UsageProblem } from './usage-problem.ts';

/** The options of `revoke` that say what is revoked. */
export interface RevokeOptions {
  readonly token?: string;
  readonly key?: string;
  readonly session?: string;
  readonly principal?: string;
  readonly identity?: string;
  readonly before?: string;
  readonly for?: string;
  readonly until?: string;
}

const tokenKinds: readonly string[] = Object.freeze(['jwt', 'introspection', 'oidc']);
const keyKinds: readonly string[] = Object.freeze(['api_key']);

const what = {
  token: { kind: 'credential', option: '--token', of: tokenKinds },
  key: { kind: 'credential', option: '--key', of: keyKinds },
  session: { kind: 'session', option: '--session', of: tokenKinds },
  principal: { kind: 'principal', option: '--principal', of: [] },
} as const;
const named = Object.keys(what) as (keyof typeof what)[]; // keys of a literal

/**
 * The body of POST /revocations. identities: the configured ones and their kinds; undefined where no config is at hand.
 * Throws a UsageProblem.
 */
export function revokeRequest(
  options: RevokeOptions,
  identities: ReadonlyMap<string, string> | undefined,
  nowMs: number,
): Readonly<Record<string, string>> {
  const [chosen, ...others] = named.filter((name) => options[name] !== undefined);
  if (chosen === undefined || others.length > 0) {
    throw new UsageProblem('say what to revoke with exactly one of --token, --session, --principal and --key');
  }
  if (options.for !== undefined && options.until !== undefined)
    throw new UsageProblem('give --for or --until, not both');
  const { kind, option, of } = what[chosen];
  const text = options[chosen] ?? '';
  if (text === '') throw new UsageProblem(`${option} is empty`);
  const subject =
    chosen === 'principal'
      ? splitPrincipal(text, options.identity)
      : { identity: options.identity ?? onlyIdentity(identities, of, option), value: text };
  if (identities !== undefined && !identities.has(subject.identity)) {
    throw new UsageProblem(`the config has no identity "${subject.identity}"; it has ${list(identities.keys())}`);
  }
  const before = options.before === 'now' ? new Date(nowMs).toISOString() : options.before;
  return {
    kind,
    ...subject,
    ...(before === undefined ? {} : { before: time('--before', before, ', or now') }),
    ...(options.until === undefined ? {} : { until: time('--until', options.until) }),
    ...(options.for === undefined ? {} : { for: duration(options.for) }),
  };
}

const list = (names: Iterable<string>): string => [...names].join(', ') || 'none';

function splitPrincipal(text: string, identity: string | undefined): { identity: string; value: string } {
  const named = splitPrincipalKey(text);
  if (identity !== undefined || named === undefined) {
    throw new UsageProblem('--principal takes IDENTITY/ID, like users/alice, and no --identity');
  }
  return { identity: named.source, value: named.id };
}

function onlyIdentity(
  identities: ReadonlyMap<string, string> | undefined,
  kinds: readonly string[],
  option: string,
): string {
  const candidates = [...(identities ?? [])].filter(([, kind]) => kinds.includes(kind)).map(([id]) => id);
  const [only, ...others] = candidates;
  if (only !== undefined && others.length === 0) return only;
  const choice = candidates.length > 0 ? `, one of ${list(candidates)}` : '';
  throw new UsageProblem(`${option} needs --identity, the name of the identity that vouches for it${choice}`);
}

/** The text of a time option, which is one. Throws a UsageProblem. */
export function time(option: string, text: string, more = ''): string {
  if (parseDateTimeMs(text) === undefined) {
    throw new UsageProblem(`${option} takes a time like 2027-01-31T12:00:00Z, a date like 2027-01-31${more}`);
  }
  return text;
}

/** The text of --for, which is a duration. Throws a UsageProblem. */
export function duration(text: string): string {
  if (!parseDurationMs(text)) throw new UsageProblem('--for takes a duration like 12h or 30d');
  return text;
}
