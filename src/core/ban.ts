import type { Address } from './address.ts';

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
  /** Who says so: `operator`, or the name of a detector. */
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
  /** How often a request counts in limits: the most that any ban says, 1 where none does. */
  weight(client: Address | undefined, principal: string | undefined): number;
}

/** Bans, on every replica that shares the state. */
export interface Bans extends BanLookup {
  /** Bans on every replica, within a second. Rejects with a StoreUnavailable when the others cannot hear of it. */
  ban(ban: Ban): Promise<void>;
  /** Ends all bans of a target, on every replica. Says whether there was one. Rejects as ban does. */
  lift(target: BanTarget): Promise<boolean>;
  /** All that are not over. */
  list(): Iterable<Ban>;
}

/** No bans, and nobody to make some: for explain and for tests. */
export const noBans: BanLookup = Object.freeze({
  onAddress: () => undefined,
  onPrincipal: () => undefined,
  weight: () => 1,
});
