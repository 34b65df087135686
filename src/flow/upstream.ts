import type { NormalRequest } from '../core/attributes.ts';
import { cookiesOf, withoutCookies } from '../core/cookie.ts';
import type { Allow, DynamicMetadata, HeaderMutation } from '../core/decision.ts';
import { foldedName } from '../core/header-name.ts';
import type { Plan, Rule, Subject } from '../core/plan.ts';
import { queryParameters } from '../core/query.ts';

/** The allow of a rule: what the upstream gets and what it must not get. */
export async function allowance(
  id: string,
  plan: Plan,
  rule: Rule,
  subject: Subject,
  response: readonly HeaderMutation[],
  metadata: DynamicMetadata,
): Promise<Allow> {
  const { request } = subject;
  const stripped = rule.passCredentials ? untouched : strip(request, plan);
  const set = [
    { name: 'x-decision-id', value: id },
    ...principalHeaders(subject),
    ...stripped.set,
    ...(await rule.upstream(subject)),
  ];
  return {
    effect: 'allow',
    id,
    rule: rule.id,
    set,
    remove: removals(request, plan, [...stripped.remove], set),
    removeQuery: stripped.removeQuery,
    response,
    metadata: { ...metadata, decision_id: id, reason: 'ok' },
  };
}

function principalHeaders({ principal }: Subject): readonly HeaderMutation[] {
  if (principal === undefined) return [];
  return [
    { name: 'x-user', value: principal.id },
    { name: 'x-user-source', value: principal.source },
  ];
}

type Stripped = Pick<Allow, 'set' | 'remove' | 'removeQuery'>;
const untouched: Stripped = Object.freeze({ set: [], remove: [], removeQuery: [] });

/** What takes the credentials out of a request: whole headers, single cookies, query parameters. */
function strip({ headers, query }: NormalRequest, { credentials }: Plan): Stripped {
  const remove = [...headers.keys()].filter((name) => credentials.headers.has(foldedName(name)));
  const removeQuery = credentials.queries.size === 0 ? [] : credentialsIn(query, credentials.queries);
  const out = new Set([...cookiesOf(headers).keys()].filter((name) => credentials.cookies.some(covers(name))));
  if (out.size === 0) return { set: [], remove, removeQuery };
  const left = withoutCookies(headers, (name) => out.has(name));
  return left === ''
    ? { set: [], remove: [...remove, 'cookie'], removeQuery }
    : { set: [{ name: 'cookie', value: left, secret: true }], remove, removeQuery };
}

const credentialsIn = (query: string, names: ReadonlySet<string>): readonly string[] =>
  queryParameters(query).flatMap(({ raw, name }) => (name !== undefined && names.has(name) ? [raw] : []));

const covers =
  (name: string) =>
  (pattern: string): boolean =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

// Envoy removes after it sets: a name in both lists would be lost. Our own names go whether we saw them or not, for a
// filter may hide headers from the check that it passes on to the upstream.
function removals(
  request: NormalRequest,
  plan: Plan,
  credentials: readonly string[],
  set: readonly HeaderMutation[],
): readonly string[] {
  const kept = new Set(set.map((mutation) => mutation.name));
  const seen = [...request.headers.keys()].filter((name) => plan.ownedHeaders.has(foldedName(name)));
  return [...new Set([...seen, ...credentials, ...plan.ownedHeaders])].filter((name) => !kept.has(name));
}
