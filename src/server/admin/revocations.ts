import type { AdminObject } from '../../core/administration.ts';
import type { Clock } from '../../core/clock.ts';
import type { Json } from '../../core/json.ts';
import type { Principal } from '../../core/principal.ts';
import type { Revocation, Revocations } from '../../core/revocation.ts';
import type { AdminOutcome, AdminRequest, AdminRoutes } from './api.ts';
import { readMembers } from './members.ts';

/** What revoking over the admin API takes. */
interface RevocationDeps {
  readonly revocations: Pick<Revocations, 'revoke'> & { list(): Iterable<Revocation> };
  /** Whether other replicas hear of it, and a restart finds it again. */
  readonly shared: boolean;
  /** The configured identities and their kinds. */
  readonly identities: () => ReadonlyMap<string, Principal['kind']>;
  /** How long a revocation is kept where nobody says how long the credentials that it means last. */
  readonly keepMs: () => number;
  readonly clock: Clock;
}

const kinds: readonly Revocation['kind'][] = Object.freeze(['credential', 'session', 'principal']);
const maxListed = 1000;

/** `/revocations`: POST revokes on every replica, GET tells what is revoked. */
export const revocationRoutes = (deps: RevocationDeps): AdminRoutes => ({
  '/revocations': {
    GET: ({ query }) => list(deps, query),
    POST: (request) => revoke(deps, request),
  },
});

const nameOf = ({ kind, source, value }: Revocation): AdminObject => ({ type: kind, name: `${source}/${value}` });

const timeText = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

const shown = ({ kind, source, value, beforeMs, untilMs }: Revocation) => ({
  kind,
  identity: source,
  value,
  before: timeText(beforeMs),
  until: timeText(untilMs),
});

async function revoke(deps: RevocationDeps, { body, about }: AdminRequest): Promise<AdminOutcome> {
  const read = readRevocation(deps, body);
  if ('issues' in read) return { kind: 'invalid', issues: read.issues };
  about(nameOf(read));
  await deps.revocations.revoke(read);
  return { kind: 'done', status: 201, value: { ...shown(read), shared: deps.shared } };
}

function readRevocation(
  { identities, keepMs, clock }: RevocationDeps,
  body: Json | undefined,
): Revocation | { readonly issues: readonly string[] } {
  const members = readMembers(body, ['kind', 'identity', 'value', 'before', 'until', 'for']);
  const kind = members.oneOf('kind', kinds);
  const source = members.oneOf('identity', [...identities().keys()]);
  const value = members.text('value');
  const beforeMs = members.time('before');
  const nowMs = clock.nowMs();
  const asked = members.end(nowMs, 'the revocation');
  if (kind === undefined || source === undefined || value === undefined || members.issues.length > 0) {
    return { issues: members.issues };
  }
  const untilMs = asked ?? (lasts(identities().get(source)) ? undefined : nowMs + keepMs());
  return { kind, source, value, beforeMs, untilMs };
}

/** Whether credentials of a kind last until somebody ends them, or for years: what is revoked must not come back by itself. */
const lasts = (kind: Principal['kind'] | undefined): boolean => kind === 'api_key' || kind === 'mtls';

function list({ revocations }: RevocationDeps, query: URLSearchParams): AdminOutcome {
  const filters = ['kind', 'identity', 'value'] as const;
  const unknown = [...query.keys()].filter((name) => !filters.some((filter) => filter === name));
  if (unknown.length > 0) {
    return { kind: 'invalid', issues: [`the query may hold ${filters.join(', ')} and nothing else`] };
  }
  const [kind, identity, value] = filters.map((name) => query.get(name));
  const listed: Revocation[] = [];
  let total = 0;
  for (const one of revocations.list()) {
    const differs =
      (kind ?? one.kind) !== one.kind || (identity ?? one.source) !== one.source || (value ?? one.value) !== one.value;
    if (differs) continue;
    total += 1;
    if (listed.length < maxListed) listed.push(one);
  }
  return { kind: 'done', status: 200, value: { revocations: listed.map(shown), total } };
}
