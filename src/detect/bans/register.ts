import type { Ban, BanTarget } from '../../core/ban.ts';
import { createExpiryHeap, type Expiring } from '../../core/expiry-heap.ts';
import { createEffect, type HeldBan } from './effect.ts';
import type { Lift } from './entry.ts';
import { covers, coversLift, endOf, ends } from './extent.ts';

interface HeldLift extends Expiring {
  readonly lift: Lift;
}

/** What is held of one target: bans that are in force, and lifts that end what may still be heard of. */
interface Shelf {
  readonly bans: readonly HeldBan[];
  readonly lifts: readonly HeldLift[];
}

/** What is banned, in memory: as much as is not over. */
export interface Register {
  /**
   * Takes a ban and gives those in whose place it is; undefined: it changes nothing, for it is over, was lifted, or says no
   * more than what is held.
   */
  add(ban: Ban, nowMs: number): readonly Ban[] | undefined;
  /** Ends bans, and the same when they are heard of later. Gives those that it has ended. */
  lift(lift: Lift, nowMs: number): readonly Ban[];
  /** The bans of a target that are not over. */
  of(target: BanTarget, nowMs: number): readonly Ban[];
  /** When bans of a target were lifted last; undefined: they were not, or nobody need remember. */
  liftedMs(target: BanTarget): number | undefined;
  /** Forgets what is over. Gives the bans among it. */
  sweep(nowMs: number): readonly Ban[];
  /** When the next of all that is held is over; undefined: nothing that is held ends. */
  nextEndMs(): number | undefined;
  list(): IterableIterator<Ban>;
  readonly refusing: ReturnType<typeof createEffect>;
  readonly tightening: ReturnType<typeof createEffect>;
}

const keyOf = (target: BanTarget): string =>
  target.kind === 'address' ? `address ${target.prefix}` : `principal ${target.key}`;

const emptyShelf: Shelf = Object.freeze({ bans: [], lifts: [] });
const refuses = ({ ban }: HeldBan): boolean => ban.tighten === undefined;
const tightens = ({ ban }: HeldBan): boolean => ban.tighten !== undefined;

/** A register that holds nothing yet. What it holds in the end does not hang on the order in which it heard of it. */
export function createRegister(): Register {
  const { refusing, tightening, shelfOf, replace, shelves, expiries } = openShelves();
  return {
    refusing,
    tightening,
    add: (ban, nowMs) => {
      const { bans, lifts } = shelfOf(ban.target);
      if (endOf(ban) <= nowMs || lifts.some(({ lift }) => ends(lift, ban))) return undefined;
      if (bans.some((held) => covers(held.ban, ban))) return undefined;
      const kept = bans.filter((held) => !covers(ban, held.ban));
      replace(ban.target, [...kept, { ban, expiresMs: endOf(ban), place: 0 }], lifts);
      return bans.flatMap((held) => (kept.includes(held) ? [] : [held.ban]));
    },
    lift: (lift, nowMs) => {
      const { bans, lifts } = shelfOf(lift.target);
      if (endOf(lift) <= nowMs || lifts.some((held) => coversLift(held.lift, lift))) return [];
      const kept = lifts.filter((held) => !coversLift(lift, held.lift));
      const left = bans.filter(({ ban }) => !ends(lift, ban));
      replace(lift.target, left, [...kept, { lift, expiresMs: endOf(lift), place: 0 }]);
      return bans.flatMap((held) => (left.includes(held) ? [] : [held.ban]));
    },
    of: (target, nowMs) => shelfOf(target).bans.flatMap(({ ban, expiresMs }) => (expiresMs > nowMs ? [ban] : [])),
    liftedMs: (target) => {
      const { lifts } = shelfOf(target);
      return lifts.length === 0 ? undefined : Math.max(...lifts.map(({ lift }) => lift.atMs));
    },
    sweep: (nowMs) => {
      const over: Ban[] = [];
      for (let first = expiries.top; first !== undefined && first.expiresMs <= nowMs; first = expiries.top) {
        const ended = first;
        if ('ban' in ended) over.push(ended.ban);
        const { target } = 'ban' in ended ? ended.ban : ended.lift;
        const { bans, lifts } = shelfOf(target);
        replace(
          target,
          bans.filter((held) => held !== ended),
          lifts.filter((held) => held !== ended),
        );
      }
      return over;
    },
    nextEndMs: () => {
      const { expiresMs = Number.POSITIVE_INFINITY } = expiries.top ?? {};
      return expiresMs === Number.POSITIVE_INFINITY ? undefined : expiresMs;
    },
    list: function* () {
      for (const { bans } of shelves.values()) for (const { ban } of bans) yield ban;
    },
  };
}

function openShelves() {
  const shelves = new Map<string, Shelf>();
  const expiries = createExpiryHeap<HeldBan | HeldLift>();
  const refusing = createEffect();
  const tightening = createEffect();
  const shelfOf = (target: BanTarget): Shelf => shelves.get(keyOf(target)) ?? emptyShelf;
  const replace = (target: BanTarget, bans: readonly HeldBan[], lifts: readonly HeldLift[]): void => {
    const before = shelfOf(target);
    for (const held of [...before.bans, ...before.lifts]) expiries.remove(held);
    for (const held of [...bans, ...lifts]) expiries.add(held);
    if (bans.length + lifts.length === 0) shelves.delete(keyOf(target));
    else shelves.set(keyOf(target), { bans, lifts });
    refusing.replace(target, before.bans.filter(refuses), bans.filter(refuses));
    tightening.replace(target, before.bans.filter(tightens), bans.filter(tightens));
  };
  return { shelves, expiries, refusing, tightening, shelfOf, replace };
}
