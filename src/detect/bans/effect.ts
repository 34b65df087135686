import { type Address, parsePrefix } from '../../core/address.ts';
import type { Ban, BanTarget } from '../../core/ban.ts';
import type { Expiring } from '../../core/expiry-heap.ts';
import { createPrefixIndex } from './prefix-index.ts';

/** A ban, and its place among all that end. */
export interface HeldBan extends Expiring {
  readonly ban: Ban;
}

/** Who is banned to one effect (to be refused, or to be tightened), as steps of a call ask for it. */
interface Effect {
  /** Puts the bans of a target in the place of those before. */
  replace(target: BanTarget, before: readonly HeldBan[], after: readonly HeldBan[]): void;
  /** The ban that holds for an address, of the longest prefix; undefined: none does. */
  onAddress(client: Address, now: () => number): Ban | undefined;
  onPrincipal(key: string, now: () => number): Ban | undefined;
  /** The most that a ban of either says how often a request counts; 1: none says anything. */
  weight(client: Address | undefined, principal: string | undefined, nowMs: number): number;
  /** How many bans. */
  readonly size: number;
}

const inForce = (all: readonly HeldBan[], nowMs: number): Ban | undefined =>
  all.find(({ expiresMs }) => expiresMs > nowMs)?.ban;

/** Nobody yet. */
export function createEffect(): Effect {
  const networks = createPrefixIndex<readonly HeldBan[]>();
  const principals = new Map<string, readonly HeldBan[]>();
  let size = 0;

  const put = (target: BanTarget, all: readonly HeldBan[]): void => {
    if (target.kind === 'principal') {
      if (all.length > 0) principals.set(target.key, all);
      else principals.delete(target.key);
      return;
    }
    const prefix = parsePrefix(target.prefix);
    if (prefix === undefined) return;
    if (all.length > 0) networks.put(prefix, all);
    else networks.remove(prefix);
  };

  return {
    replace: (target, before, after) => {
      size += after.length - before.length;
      if (before.length + after.length > 0) put(target, after);
    },
    onAddress: (client, now) => {
      // The time is asked for only where somebody is found.
      const all = networks.find(client, (held) => inForce(held, now()) !== undefined);
      return all && inForce(all, now());
    },
    onPrincipal: (key, now) => {
      const all = principals.get(key);
      return all && inForce(all, now());
    },
    weight: (client, principal, nowMs) => {
      let most = 1;
      const weigh = (all: readonly HeldBan[]): false => {
        for (const { ban, expiresMs } of all) if (expiresMs > nowMs) most = Math.max(most, ban.tighten ?? 1);
        return false;
      };
      // None is ever the one that is wanted, so that all are weighed.
      if (client !== undefined) networks.find(client, weigh);
      if (principal !== undefined) weigh(principals.get(principal) ?? []);
      return most;
    },
    get size() {
      return size;
    },
  };
}
