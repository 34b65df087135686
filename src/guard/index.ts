import { formatAddress } from '../core/address.ts';
import type { Attributes, NormalRequest } from '../core/attributes.ts';
import type { BanLookup } from '../core/ban.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Plan } from '../core/plan.ts';
import { passWith, type Reject, reject } from '../core/verdict.ts';
import { type AddressesOptions, addressesSchema, type Bannable, buildAddressGate } from './addresses.ts';
import { buildClientAddress, type ClientAddressOptions, clientAddressSchema } from './client-address.ts';
import type { Feeds } from './feeds/feed.ts';
import { normalizeHost } from './host.ts';
import { normalizeScheme, refuseHeaders, refuseMethod } from './message.ts';
import { normalizePath, refuseQuery } from './path.ts';

/** The top-level keys of the config that the guard is made of. */
export interface GuardOptions {
  readonly client_address?: ClientAddressOptions;
  readonly addresses?: AddressesOptions;
}

/** The schemas of those keys. */
export const guardSchemas = Object.freeze({
  client_address: clientAddressSchema,
  addresses: addressesSchema,
} as const satisfies Record<keyof GuardOptions, JsonSchema>);

type Normalized = Omit<NormalRequest, 'clientAddress'>;

function normalize(attributes: Attributes): Normalized | Reject {
  const { method, headers } = attributes;
  const refusal = refuseMethod(method) ?? refuseHeaders(headers);
  if (refusal !== undefined) return refusal;

  const scheme = normalizeScheme(attributes.scheme);
  if (typeof scheme !== 'string') return scheme;
  const host = normalizeHost(attributes);
  if (host === undefined) return reject('host_malformed');

  const mark = attributes.path.indexOf('?');
  const query = mark < 0 ? '' : attributes.path.slice(mark + 1);
  const normal = normalizePath(mark < 0 ? attributes.path : attributes.path.slice(0, mark));
  if ('kind' in normal) return normal;
  return refuseQuery(query) ?? { attributes, method, scheme, host, ...normal, query, headers };
}

/** The guard of a plan, and the bans that count for those who are no exception of it. */
interface Guard {
  readonly guard: Plan['guard'];
  readonly bans: BanLookup;
}

/**
 * Compiles the guard: one normal form of a request or a refusal with 400, then the address lists with 403.
 * It reads what Envoy states of the request and, for the client's address, what the config trusts; no other header that
 * speaks of path, scheme, method or address is looked at. The context is that of the whole config. Lists that others keep are
 * asked of the registry of feeds. Nobody is banned by default.
 */
export function buildGuard(
  options: GuardOptions,
  context: BuildContext,
  feeds: Pick<Feeds, 'resolve'>,
  bannable?: Bannable,
): Guard {
  const clientOf = buildClientAddress(options.client_address, context.at('client_address'));
  const addresses = buildAddressGate(options.addresses, context.at('addresses'), feeds, bannable);
  const guard: Plan['guard'] = (attributes, watch) => {
    const normal = normalize(attributes);
    if ('kind' in normal) return normal;
    const client = clientOf(attributes);
    const clientAddress = client === undefined ? '' : formatAddress(client);
    return addresses.gate(client, watch) ?? passWith({ ...normal, clientAddress });
  };
  return { guard, bans: addresses.bans };
}

export { type FeedsAtHand, feedsAtHand, type SeenFeed } from './feeds/at-hand.ts';
export type { Feed, FeedSpec, Feeds } from './feeds/feed.ts';
/** The registry of feeds, which outlive a plan, and the one for the command line, which only looks at what is at hand. */
export { createFeeds, type OpenFeeds } from './feeds/index.ts';
