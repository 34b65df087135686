import { randomUUID } from 'node:crypto';
import { type Prefix, parsePrefix, prefixAround } from '../../core/address.ts';
import type { AdminObject } from '../../core/administration.ts';
import { type Ban, type Bans, type BanTarget, operator, shownBan } from '../../core/ban.ts';
import { clientNetwork } from '../../core/client-network.ts';
import type { Clock } from '../../core/clock.ts';
import type { Json } from '../../core/json.ts';
import { splitPrincipalKey } from '../../core/principal.ts';
import type { AdminOutcome, AdminRequest, AdminRoutes } from './api.ts';
import { readMembers, readQuery } from './members.ts';

/** What banning over the admin API takes. */
interface BanDeps {
  readonly bans: Pick<Bans, 'ban' | 'lift' | 'list'>;
  /** Whether other replicas hear of it, and a restart finds it again. */
  readonly shared: boolean;
  /** The configured identities. */
  readonly identities: () => ReadonlyMap<string, unknown>;
  readonly clock: Clock;
}

const maxListed = 1000;
const mostWeight = 1000;
/** Shorter prefixes are refused unless they are forced: no attacker has so much, and an operator seldom means it. */
const shortest = { 4: 8, 6: 19 } as const;

/** `/bans`: POST bans on every replica, DELETE ends bans, GET tells who is banned. */
export const banRoutes = (deps: BanDeps): AdminRoutes => ({
  '/bans': {
    GET: ({ query }) => list(deps, query),
    POST: (request) => ban(deps, request),
    DELETE: (request) => lift(deps, request),
  },
});

const nameOf = (target: BanTarget): string => (target.kind === 'address' ? target.prefix : target.key);
const objectOf = (target: BanTarget, facts: AdminObject['facts'] = {}): AdminObject => ({
  type: target.kind,
  name: nameOf(target),
  facts,
});

/** What audit tells of a ban besides whom it means. */
function factsOf(ban: Ban): AdminObject['facts'] {
  const { id, tighten, why, until } = shownBan(ban);
  return { ban: id, tighten, why, until };
}

async function ban(deps: BanDeps, { body, about }: AdminRequest): Promise<AdminOutcome> {
  const read = readBan(deps, body);
  if ('issues' in read) return { kind: 'invalid', issues: read.issues };
  about(objectOf(read.target, factsOf(read)));
  const inForce = (await deps.bans.ban(read)) ?? read;
  about(objectOf(read.target, factsOf(inForce)));
  // An earlier ban may say as much: then nothing was made.
  const status = inForce.id === read.id ? 201 : 200;
  return { kind: 'done', status, value: { ...shownBan(inForce), shared: deps.shared } };
}

type Members = ReturnType<typeof readMembers>;

function readBan(deps: BanDeps, body: Json | undefined): Ban | { readonly issues: readonly string[] } {
  const members = readMembers(body, ['address', 'principal', 'for', 'until', 'tighten', 'why', 'force']);
  const target = readTarget(members);
  const force = members.flag('force');
  if (target !== undefined) doubt(target, force, members, deps);
  const sinceMs = deps.clock.nowMs();
  const untilMs = members.end(sinceMs, 'the ban');
  const tighten = members.whole('tighten', 2, mostWeight);
  const why = members.textIfAny('why') ?? 'by hand';
  if (target === undefined || members.issues.length > 0) return { issues: members.issues };
  return { id: randomUUID(), target, tighten, by: operator, why, sinceMs, untilMs };
}

/** Whom a request names; undefined, with an issue, when that is nobody. */
function readTarget(members: Members): BanTarget | undefined {
  const address = members.parsed('address', prefixOf, anAddress);
  const key = members.parsed('principal', principalOf, aPrincipal);
  if (members.has('address') === members.has('principal')) {
    members.issue('say who is meant with exactly one of "address" and "principal"');
  }
  if (address !== undefined) return { kind: 'address', prefix: address.text };
  return key === undefined ? undefined : { kind: 'principal', key };
}

/** Reports a target that hardly anybody means to ban. */
function doubt(target: BanTarget, force: boolean, members: Members, { identities }: BanDeps): void {
  if (target.kind === 'address') {
    const prefix = parsePrefix(target.prefix);
    const least = prefix === undefined ? 0 : shortest[prefix.address.family];
    if (prefix !== undefined && prefix.length < least && !force) {
      members.issue(`${target.prefix} is wider than /${least}; if you mean it, say so with "force": true or --force`);
    }
    return;
  }
  const { source = '' } = splitPrincipalKey(target.key) ?? {};
  const known = [...identities().keys()];
  if (!known.includes(source))
    members.issue(`the config has no identity "${source}"; it has ${known.join(', ') || 'none'}`);
}

const anAddress =
  'an address like 198.51.100.7, or a prefix like 198.51.100.0/24 (the bits behind the length must be zero)';
const aPrincipal = 'IDENTITY/ID, like users/alice';
const principalOf = (text: string): string | undefined => (splitPrincipalKey(text) ? text : undefined);

/** A prefix as it is written; of a bare IPv6 address, the network of its client. */
const prefixOf = (text: string): Prefix | undefined => parsePrefix(text.includes('/') ? text : clientNetwork(text));

const whomMembers = ['address', 'principal', 'id'];

async function lift(deps: BanDeps, { query, body, about }: AdminRequest): Promise<AdminOutcome> {
  const members = body === undefined ? readQuery(query, whomMembers) : readMembers(body, whomMembers);
  if (body !== undefined && query.size > 0) members.issue('say who is meant in the query or in a body, not in both');
  const id = members.textIfAny('id');
  if (members.has('id') && (members.has('address') || members.has('principal'))) members.issue('give "id" alone');
  const named = members.has('id') ? id && byId(deps, id) : readTarget(members);
  if (members.issues.length > 0) return { kind: 'invalid', issues: members.issues };
  if (!named) return { kind: 'absent', detail: `there is no ban ${id}` };
  about(objectOf(named));
  const ended = await deps.bans.lift(named);
  about(objectOf(named, { bans: ended.map((one) => one.id).join(' ') }));
  if (ended.length > 0) {
    return { kind: 'done', status: 200, value: { lifted: ended.map(shownBan), shared: deps.shared } };
  }
  const around =
    named.kind === 'address' ? holding(deps, named.prefix).filter((prefix) => prefix !== named.prefix) : [];
  const hint = around.length === 0 ? '' : `; it is held by the ban of ${around.join(', ')}`;
  return { kind: 'absent', detail: `there is no ban of ${nameOf(named)}${hint}` };
}

const byId = ({ bans }: BanDeps, id: string): BanTarget | undefined =>
  [...bans.list()].find((one) => one.id === id)?.target;

/** The prefixes of bans that hold a whole prefix. */
function holding({ bans }: BanDeps, text: string): readonly string[] {
  const prefix = parsePrefix(text);
  const around = prefix === undefined ? new Set() : allAround(prefix);
  return [...bans.list()].flatMap(({ target }) =>
    target.kind === 'address' && around.has(target.prefix) ? [target.prefix] : [],
  );
}

/** The texts of all prefixes that hold a prefix: there may be many bans to compare them with. */
const allAround = ({ address, length }: Prefix): ReadonlySet<string> =>
  new Set(Array.from({ length: length + 1 }, (_, bits) => prefixAround(address, bits).text));

function list({ bans }: BanDeps, query: URLSearchParams): AdminOutcome {
  const members = readQuery(query, ['address', 'principal', 'by', 'effect']);
  const asked = members.parsed('address', parsePrefix, anAddress);
  const key = members.parsed('principal', principalOf, aPrincipal);
  const by = members.textIfAny('by');
  const effect = members.has('effect') ? members.oneOf('effect', ['refuse', 'tighten']) : undefined;
  if (members.issues.length > 0) return { kind: 'invalid', issues: members.issues };
  const around = asked && allAround(asked);
  const chosen = [...bans.list()].filter(
    (one) =>
      (around === undefined || (one.target.kind === 'address' && around.has(one.target.prefix))) &&
      (key === undefined || (one.target.kind === 'principal' && one.target.key === key)) &&
      (by === undefined || one.by === by) &&
      (effect === undefined || (effect === 'refuse') === (one.tighten === undefined)),
  );
  return { kind: 'done', status: 200, value: shownBans(chosen) };
}

/** Bans for people, the latest first, and how many there are. */
export function shownBans(bans: Iterable<Ban>, most = maxListed) {
  let newest: Ban[] = [];
  let total = 0;
  // Tens of thousands are not all sorted for the few that are shown: calls wait to be decided meanwhile.
  const trim = (): void => {
    newest.sort((one, other) => other.sinceMs - one.sinceMs);
    newest = newest.slice(0, most);
  };
  for (const ban of bans) {
    total += 1;
    newest.push(ban);
    if (newest.length === 2 * most) trim();
  }
  trim();
  return { bans: newest.map(shownBan), total };
}
