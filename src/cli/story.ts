import type { Decision, HeaderMutation } from '../core/decision.ts';
import type { Considered, Sighting } from '../core/plan.ts';
import type { Principal } from '../core/principal.ts';
import { reasons } from '../core/reason.ts';
import type { TrailEntry } from '../core/trail.ts';
import type { Detail } from '../core/verdict.ts';
import type { OfflineDecision } from './offline.ts';

const row = (...cells: readonly string[]): string =>
  `  ${cells
    .map((cell, index) => cell.padEnd(index === cells.length - 1 ? 0 : 14))
    .join(' ')
    .trimEnd()}`;

const shown = (value: Detail[string]): string =>
  typeof value === 'object' ? `[${value.join(', ')}]` : typeof value === 'string' ? value : String(value);
const detailText = (detail: Detail): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}=${shown(value)}`)
    .join('  ');

/** A credential that the call would carry is for nobody to read here. */
const discreet = (headers: readonly HeaderMutation[]): readonly HeaderMutation[] =>
  headers.map((header) => (header.secret === true ? { ...header, value: '(secret)' } : header));

const headerRows = (headers: readonly HeaderMutation[]): readonly string[] =>
  discreet(headers).map(({ name, value }) => row(`${name}: ${value}`));

function decisionRows({ decision, planVersion }: OfflineDecision): readonly string[] {
  const ends =
    decision.effect === 'allow'
      ? [row('decision', 'allow')]
      : [
          row('decision', `deny ${decision.status}`),
          row('reason', `${decision.reason} (the caller sees: ${reasons[decision.reason].public})`),
          row('', reasons[decision.reason].title),
        ];
  return [...ends, row('rule', decision.rule ?? 'none'), row('plan', planVersion.slice(0, 16))];
}

function considerRow(rule: string, mode: string, result: Considered): string {
  const says = result.matches
    ? ['matches', ...[...result.parameters].map(([name, value]) => `${name}=${value}`)].join('  ')
    : `no: another ${result.why}`;
  return row(rule, mode === 'shadow' ? `${says}  (shadow)` : says);
}

function sightingRow({ identity, kind, places, found }: Sighting): string {
  return row(identity, `${kind} in ${places.join(', ')}: ${found}`);
}

/** Why the credential was taken or refused is said by the step. */
function sightingRows(sightings: readonly Sighting[]): readonly string[] {
  return sightings.length === 0 ? [] : ['credentials', ...sightings.map(sightingRow)];
}

function principalRows({ principal, bindings }: OfflineDecision): readonly string[] {
  if (principal === undefined) return [row('nobody')];
  const { key, kind, roles, memberships, scopes, credentialId } = principal;
  const inTenant = (held: Iterable<string>, tenant: string | undefined): string =>
    `${[...held].join(', ') || 'none'}${tenant === undefined ? '' : ` in ${tenant}`}`;
  return [
    row('key', key),
    row('credential', credentialId === undefined ? kind : `${kind} ${credentialId}`),
    row('roles', inTenant(roles, undefined)),
    ...[...memberships.tenantRoles].map(([tenant, held]) => row('', inTenant(held, tenant))),
    ...bindings.map((binding) => row('bound', `${inTenant(binding.roles, binding.tenant)}  (${binding.subject})`)),
    ...(memberships.groups.size === 0 ? [] : [row('groups', [...memberships.groups].join(', '))]),
    row('scopes', [...scopes].join(', ') || 'none'),
  ];
}

/** What was known of lists that others keep. */
const feedRows = (feeds: OfflineDecision['feeds']): readonly string[] =>
  feeds.length === 0 ? [] : ['address feeds', ...feeds.map(({ name, seen }) => row(name, seenText(seen)))];

function seenText(seen: OfflineDecision['feeds'][number]['seen']): string {
  switch (seen.kind) {
    case 'file':
      return 'its file was read';
    case 'cache':
      return `from the cache, as it came at ${new Date(seen.takenMs).toISOString()}`;
    case 'nothing':
      return 'not known here: only a running gateway asks its URL';
    default:
      return seen satisfies never;
  }
}

function stepRow({ step, verdict, reason, detail, rule, shadow }: TrailEntry): string {
  const place = shadow ? `(shadow${rule === undefined ? '' : ` ${rule}`})  ` : '';
  return row(step, verdict, `${place}${reason === undefined ? '' : `${reason}  `}${detailText(detail)}`);
}

function effectRows({ decision }: OfflineDecision): readonly string[] {
  if (decision.effect === 'deny') return ['headers of the denial', ...headerRows(decision.headers), row(decision.body)];
  const gone = [...decision.remove, ...decision.removeQuery.map((name) => `?${name}`)];
  const removed = gone.length === 0 ? [] : ['removed before the upstream', row(gone.join(', '))];
  const answered = decision.response.length === 0 ? [] : ['added to the response', ...headerRows(decision.response)];
  return ['set for the upstream', ...headerRows(decision.set), ...removed, ...answered];
}

/** A decision's whole story for people: what it came to, each rule, who it was, each step, the headers. */
export function formatStory(story: OfflineDecision): string {
  return [
    'decision',
    ...decisionRows(story),
    'rules',
    ...story.considered.map(({ rule, mode, result }) => considerRow(rule, mode, result)),
    ...sightingRows(story.sightings),
    'principal',
    ...principalRows(story),
    ...feedRows(story.feeds),
    'steps',
    ...story.entries.map(stepRow),
    ...effectRows(story),
  ].join('\n');
}

function discreetDecision(decision: Decision): Decision {
  if (decision.effect === 'deny') return { ...decision, headers: discreet(decision.headers) };
  return { ...decision, set: discreet(decision.set), response: discreet(decision.response) };
}

/** The same for programs: plain JSON, without the request's headers, which may hold credentials. */
export function storyJson(story: OfflineDecision): object {
  const { decision, planVersion, request, principal, considered, sightings, entries } = story;
  return {
    decision: discreetDecision(decision),
    plan: planVersion,
    request: request && {
      method: request.method,
      host: request.host,
      path: request.path,
      client_address: request.clientAddress,
    },
    rules: considered.map(({ rule, mode, result }) => ({
      rule,
      mode,
      ...(result.matches ? { ...result, parameters: Object.fromEntries(result.parameters) } : result),
    })),
    credentials: sightings,
    principal: principal && principalJson(principal),
    bindings: story.bindings,
    ...(story.feeds.length > 0 && { feeds: story.feeds }),
    steps: entries,
  };
}

function principalJson({ memberships, ...principal }: Principal): object {
  return {
    ...principal,
    roles: [...principal.roles],
    tenant_roles: Object.fromEntries([...memberships.tenantRoles].map(([tenant, held]) => [tenant, [...held]])),
    groups: [...memberships.groups],
    scopes: [...principal.scopes],
  };
}
