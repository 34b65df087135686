import type { Address } from './address.ts';
import type { Detail } from './verdict.ts';

/** Who bans by hand, in `by`; no detector has this name. */
export const operator = 'operator';

/** Whom a ban means: a network by the text of its prefix, or a principal by its key. */
export type BanTarget =
  | { readonly kind: 'address'; readonly prefix: string }
  | { readonly kind: 'principal'; readonly key: string };

/** What is held against a client for a while, on every replica. */
export interface Ban {
  /** Random; the same ban has the same one wherever, and however often, it is heard of. */
  readonly id: string;
  readonly target: BanTarget;
  /** How often each of its requests counts in limits, at least 2; undefined: its requests are refused. */
  readonly tighten: number | undefined;
  /** Who says so: operator, or the name of a detector. */
  readonly by: string;
  /** Why, in a line for people; no secret. */
  readonly why: string;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Milliseconds since the epoch; undefined: until it is lifted. */
  readonly untilMs: number | undefined;
}

/** What steps of a call ask of bans; costs no waiting. */
export interface BanLookup {
  /** The ban that refuses whoever comes from there. */
  onAddress(client: Address): Ban | undefined;
  /** The ban that refuses a principal, by its key. */
  onPrincipal(key: string): Ban | undefined;
  /**
   * How often a request counts in limits: the most that any ban says, 1 where none does. client: as
   * NormalRequest.clientAddress has it, empty when it is not known.
   */
  weight(client: string, principal: string | undefined): number;
}

/** Bans, on every replica that shares the state. */
export interface Bans extends BanLookup {
  /**
   * Bans on every replica, within a second. Resolves with what is in force: this ban, or an earlier one of the same author
   * that says as much; undefined: it is a detector's, and there is no room for more of them. An operator's rejects with a
   * StoreUnavailable when the others cannot hear of it; a detector's holds here at once, and the others hear of it when
   * the store is back.
   */
  ban(ban: Ban): Promise<Ban | undefined>;
  /** Ends all bans of a target that are known here, on every replica. Resolves with them; rejects with a StoreUnavailable. */
  lift(target: BanTarget): Promise<readonly Ban[]>;
  /** All that are not over. */
  list(): Iterable<Ban>;
}

/** What became of a ban. */
export interface BanChange {
  readonly change: 'made' | 'lifted' | 'ended';
  readonly ban: Ban;
  /** Whether it was done here and not on another replica; of an end: whether the ban was made here. */
  readonly here: boolean;
}

/** Hears of every change of bans, on each replica; never throws, never waits. */
export interface BanListener {
  banned(change: BanChange): void;
}

/** What a verdict says of the ban that it goes by. */
export const banDetail = ({ id, target, by }: Ban): Detail => ({
  ban: id,
  banned_by: by,
  ...(target.kind === 'address' ? { prefix: target.prefix } : { principal: target.key }),
});

const timeText = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

/** A ban as the admin API and webhooks show it. */
export const shownBan = ({ id, target, tighten, by, why, sinceMs, untilMs }: Ban) => ({
  id,
  ...(target.kind === 'address' ? { address: target.prefix } : { principal: target.key }),
  effect: tighten === undefined ? 'refuse' : 'tighten',
  tighten: tighten ?? null,
  by,
  why,
  since: timeText(sinceMs),
  until: timeText(untilMs),
});

/** No bans, and nobody to make some: for explain and for tests. */
export const noBans: BanLookup = Object.freeze({
  onAddress: () => undefined,
  onPrincipal: () => undefined,
  weight: () => 1,
});
