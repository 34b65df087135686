import type { AccessEntry } from '../core/access-entry.ts';
import { clientNetwork } from '../core/client-network.ts';
import { principalKey } from '../core/principal.ts';
import { openTop, type Top } from '../core/top.ts';
import type { NamedTally, Tally, TrafficCounts } from '../core/traffic.ts';
import { causeOf } from './cause.ts';
import { count, fold, openTally } from './tally.ts';

/** How many are told apart; the rest is counted together. */
interface TrafficBounds {
  readonly clients: number;
  readonly routes: number;
}

/** Counts requests that are over, by client and by route. */
interface Traffic {
  take(entry: AccessEntry): void;
  counts(): TrafficCounts;
}

/** Opens the counts, which go on from what was counted before. */
export function openTraffic(bounds: TrafficBounds, before?: TrafficCounts): Traffic {
  const clients = openTop(bounds.clients, openTally, fold);
  const routes = openTop(bounds.routes, openTally, fold);
  for (const [name, tally] of before?.clients ?? []) fold(tally, tallyOf(clients, name));
  for (const [name, tally] of before?.routes ?? []) fold(tally, tallyOf(routes, name));
  return {
    take: (entry) => {
      const cause = causeOf(entry);
      count(tallyOf(clients, clientOf(entry)), entry, cause);
      count(tallyOf(routes, routeOf(entry)), entry, cause);
    },
    counts: () => ({ clients: named(clients), routes: named(routes) }),
  };
}

const restName = 'other';

// Under the name of the rest a key of its own would be a second series with the same labels.
const tallyOf = (top: Top<Tally>, name: string): Tally => (name === restName ? top.rest : top.hit(name));

const named = (top: Top<Tally>): readonly NamedTally[] => [...top.entries(), [restName, top.rest]];

const longestName = 128;

/** The principal where one is known, else the address; one of IPv6 by the network that its holder was given (RFC 6177). */
function clientOf({ vouched, client }: AccessEntry): string {
  const { principalSource, principalId } = vouched ?? {};
  if (principalSource !== undefined && principalId !== undefined)
    return principalKey(principalSource, principalId).slice(0, longestName);
  if (!client.address.includes(':')) return client.address || 'unknown';
  const network = clientNetwork(client.address);
  // The network of an address of IPv6 is written with its length.
  return network === client.address ? 'unknown' : network;
}

/** The rule that decided, else the name of Envoy's route. */
const routeOf = ({ vouched, upstream: { route } }: AccessEntry): string =>
  (vouched?.rule ?? (route || 'none')).slice(0, longestName);
