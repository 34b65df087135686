import { type Address, formatAddress, type Prefix, parseAddress, parsePrefix } from '../core/address.ts';
import { createAddressSet } from '../core/address-set.ts';
import { type BanLookup, banDetail, noBans } from '../core/ban.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import { notPrefix, readPrefixes } from '../core/prefix-list.ts';
import { type Reject, reject } from '../core/verdict.ts';
import type { Feed, FeedSpec, Feeds } from './feeds/feed.ts';
import { feedsSchema, type ReadFeed, readFeeds } from './feeds/options.ts';

/** Who is refused by address, and who never is. */
export interface AddressesOptions {
  readonly deny?: readonly string[];
  readonly deny_files?: readonly string[];
  readonly allow?: readonly string[];
  readonly allow_files?: readonly string[];
  /** Lists that others keep, by name, as feedsSchema lets them through. */
  readonly deny_feeds?: Readonly<Record<string, unknown>>;
  readonly allow_feeds?: Readonly<Record<string, unknown>>;
  readonly cache_dir?: string;
}

const prefixes = (description: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string', format: 'prefix' },
  description: `${description} Default: none.`,
});
const files = (description: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string', minLength: 1 },
  description: `${description}, one address or prefix a line; a comment begins with # or ;. Default: none.`,
});

/** The schema of the key addresses. */
export const addressesSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Client addresses that are refused before any rule is looked at. While something is denied, a client whose address nobody knows is refused too. Default: nobody is.',
  additionalProperties: false,
  properties: {
    deny: prefixes('Addresses and prefixes to refuse.'),
    deny_files: files('Files of addresses and prefixes to refuse'),
    allow: prefixes(
      'Exceptions: addresses and prefixes that are never refused, and that no ban counts for. They grant nothing else.',
    ),
    allow_files: files('Files of exceptions'),
    deny_feeds: feedsSchema(
      'deny',
      'Lists that others keep and change, by name: fetched from a URL or read from a file, again and again. Default: none.',
    ),
    allow_feeds: feedsSchema('allow', 'Lists of exceptions that others keep and change, by name. Default: none.'),
    cache_dir: {
      type: 'string',
      minLength: 1,
      description:
        'A directory in which the last good document of each feed with a URL is kept for the next start; of crowdsec, none is. Default: they are not kept.',
    },
  },
  examples: [{ deny: ['198.51.100.0/24'], deny_files: ['drop.txt'], allow: ['198.51.100.7'] }],
});

/** The refusal of a blocked client; undefined lets it on. What lists in shadow mode would refuse goes to watch. */
type AddressGate = (client: Address | undefined, watch: (refusal: Reject) => void) => Reject | undefined;

interface Listed {
  readonly prefix: Prefix;
  readonly list: string;
}

const shownBadLines = 20;

const fromList = (list: string, texts: readonly string[] = [], context: BuildContext): readonly Listed[] =>
  readPrefixes(texts, context).map((prefix) => ({ prefix, list }));

function fromFile(name: string, context: BuildContext): readonly Listed[] {
  const file = context.file(name);
  if (file === undefined) return [];
  const found: Listed[] = [];
  const bad: number[] = [];
  for (const [index, line] of file.text.split('\n').entries()) {
    const text = line.replace(/[#;].*$/s, '').trim();
    if (text === '') continue;
    const prefix = parsePrefix(text);
    if (prefix === undefined) bad.push(index + 1);
    else found.push({ prefix, list: name });
  }
  for (const line of bad.slice(0, shownBadLines)) file.issueAt(line, notPrefix);
  const more = bad.slice(shownBadLines);
  if (more[0] !== undefined) file.issueAt(more[0], `${more.length} more lines are like this: ${notPrefix}`);
  return found;
}

const fromFiles = (names: readonly string[] = [], context: BuildContext): readonly Listed[] =>
  names.flatMap((name, index) => fromFile(name, context.at(index)));

/** Who is banned, and whether anybody can be. */
export interface Bannable {
  readonly bans: BanLookup;
  /** Whether this config lets somebody ban: exceptions then have a meaning without any list. */
  readonly bannable: boolean;
}

const nobodyBanned: Bannable = Object.freeze({ bans: noBans, bannable: false });

/** The gate, and the bans that count where exceptions have been made. */
interface Addresses {
  readonly gate: AddressGate;
  readonly bans: BanLookup;
}

/** Compiles the key addresses. An exception wins over any denial and over bans of addresses, whatever their lengths. */
export function buildAddressGate(
  options: AddressesOptions = {},
  context: BuildContext,
  feeds: Pick<Feeds, 'resolve'>,
  { bans, bannable }: Bannable = nobodyBanned,
): Addresses {
  const denied = [
    ...fromList('addresses.deny', options.deny, context.at('deny')),
    ...fromFiles(options.deny_files, context.at('deny_files')),
  ];
  const allowed = [
    ...fromList('addresses.allow', options.allow, context.at('allow')),
    ...fromFiles(options.allow_files, context.at('allow_files')),
  ];
  const cacheDir = options.cache_dir === undefined ? undefined : context.place(options.cache_dir);
  const denyFeeds = readFeeds('deny', options.deny_feeds ?? {}, cacheDir, context.at('deny_feeds'));
  const allowFeeds = readFeeds('allow', options.allow_feeds ?? {}, cacheDir, context.at('allow_feeds'));
  reportUseless(options, bannable, context);
  const asked = (read: ReadFeed): AskedFeed => ({ mode: read.mode, feed: resolveFeed(read.spec, feeds, context) });
  const denyFrom = denyFeeds.map(asked);
  const lists: Lists = {
    denied: createAddressSet(denied),
    allowed: createAddressSet(allowed),
    enforced: denyFrom.filter(({ mode }) => mode === 'enforce').map(({ feed }) => feed),
    watched: denyFrom.filter(({ mode }) => mode === 'shadow').map(({ feed }) => feed),
    allowFrom: allowFeeds.map(asked).map(({ feed }) => feed),
    closed: keysOf(options, ['deny', 'deny_files']).length > 0 || denyFeeds.some(({ mode }) => mode === 'enforce'),
    bans,
  };
  const spared = keysOf(options, allowKeys).length === 0 ? bans : sparing(bans, allowedBy(lists));
  return keysOf(options, denyKeys).length > 0
    ? { gate: gate(lists), bans: spared }
    : { gate: (client) => client && bannedBy(spared, client), bans: spared };
}

const denyKeys = ['deny', 'deny_files', 'deny_feeds'] as const;
const allowKeys = ['allow', 'allow_files', 'allow_feeds'] as const;

/** Which of the keys say something. */
const keysOf = (
  options: AddressesOptions,
  keys: readonly (typeof denyKeys | typeof allowKeys)[number][],
): readonly string[] => keys.filter((key) => Object.keys(options[key] ?? {}).length > 0);

/** What is set and can have no effect. */
function reportUseless(options: AddressesOptions, bannable: boolean, context: BuildContext): void {
  const [exceptions] = keysOf(options, allowKeys);
  if (exceptions !== undefined && !bannable && keysOf(options, denyKeys).length === 0) {
    context.issue(
      [exceptions],
      'excepts from nothing: no deny list is set, and nobody can ban. To admit only some, require an address',
    );
  }
  for (const name of Object.keys(options.allow_feeds ?? {})) {
    if (Object.hasOwn(options.deny_feeds ?? {}, name)) {
      context.issue(['allow_feeds', name], 'has the name of a deny feed: metrics could not tell them apart');
    }
  }
}

interface AskedFeed {
  readonly mode: ReadFeed['mode'];
  readonly feed: Feed;
}

function resolveFeed(spec: FeedSpec, feeds: Pick<Feeds, 'resolve'>, context: BuildContext): Feed {
  const feed = feeds.resolve(spec);
  if (feed.fault !== undefined) context.issue([`${spec.list}_feeds`, spec.name, spec.source.kind], feed.fault);
  return feed;
}

/** Whom a gate asks. */
interface Lists {
  readonly denied: ReturnType<typeof createAddressSet<Listed>>;
  readonly allowed: ReturnType<typeof createAddressSet<Listed>>;
  readonly enforced: readonly Feed[];
  readonly watched: readonly Feed[];
  readonly allowFrom: readonly Feed[];
  /** Whether who is not known is refused: so it is while anything is denied in earnest. */
  readonly closed: boolean;
  readonly bans: BanLookup;
}

const allowedBy =
  ({ allowed, allowFrom }: Lists) =>
  (client: Address): boolean =>
    allowed.find(client) !== undefined || allowFrom.some((feed) => feed.find(client) !== undefined);

function gate(lists: Lists): AddressGate {
  const { denied, enforced, watched, closed, bans } = lists;
  const isAllowed = allowedBy(lists);
  return (client, watch) => {
    if (client === undefined) {
      return closed ? reject('address_blocked', { problem: 'the client address is not known' }) : undefined;
    }
    const refusal = listedIn(denied, client) ?? firstHit(enforced, client) ?? bannedBy(bans, client);
    const seen = watched.flatMap((feed) => hitOf(feed, client) ?? []);
    if ((refusal === undefined && seen.length === 0) || isAllowed(client)) return undefined;
    for (const one of seen) watch(one);
    return refusal;
  };
}

function listedIn(denied: Lists['denied'], client: Address): Reject | undefined {
  const hit = denied.find(client);
  if (hit === undefined) return undefined;
  return reject('address_blocked', { client_address: formatAddress(client), list: hit.list, prefix: hit.prefix.text });
}

function bannedBy(bans: BanLookup, client: Address): Reject | undefined {
  const ban = bans.onAddress(client);
  return ban && reject('client_banned', { client_address: formatAddress(client), ...banDetail(ban) });
}

/** The bans that count for whoever is no exception. */
const sparing = (bans: BanLookup, isAllowed: (client: Address) => boolean): BanLookup => ({
  onAddress: (client) => {
    const ban = bans.onAddress(client);
    return ban === undefined || isAllowed(client) ? undefined : ban;
  },
  onPrincipal: bans.onPrincipal,
  weight: (client, principal) => {
    const weight = bans.weight(client, principal);
    const address = weight === 1 ? undefined : parseAddress(client);
    return address !== undefined && isAllowed(address) ? bans.weight('', principal) : weight;
  },
});

function firstHit(feeds: readonly Feed[], client: Address): Reject | undefined {
  for (const feed of feeds) {
    const hit = hitOf(feed, client);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function hitOf(feed: Feed, client: Address): Reject | undefined {
  const prefix = feed.find(client);
  if (prefix === undefined) return undefined;
  const list = `addresses.deny_feeds.${feed.name}`;
  return reject('address_blocked', { client_address: formatAddress(client), list, prefix, feed: feed.name });
}
