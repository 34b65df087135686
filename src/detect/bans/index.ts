import { parseAddress } from '../../core/address.ts';
import { type Ban, type BanListener, type Bans, type BanTarget, operator } from '../../core/ban.ts';
import type { Clock } from '../../core/clock.ts';
import { type Log, type Signals, silentLog, silentSignals } from '../../core/ports.ts';
import type { StateStore } from '../../core/state.ts';
import { systemTimers, type Timers } from '../../core/timers.ts';
import { openBanLog } from './ban-log.ts';
import type { BanEntry, Lift } from './entry.ts';
import { endOf, saysAll } from './extent.ts';
import { openKnown } from './known.ts';
import { openUnheard } from './unheard.ts';

/** Bans that follow the shared log. */
export interface OpenBans extends Bans {
  close(): void;
}

/** What bans are told to, and how they know the time; by default nobody hears of them. */
interface BansOptions {
  readonly timers?: Timers;
  readonly log?: Log;
  readonly signals?: Pick<Signals, 'bansHeld' | 'banChanged'>;
  readonly listener?: BanListener;
  /** Called once, when what was banned before our start is known. */
  readonly caughtUp?: () => void;
  /** How many bans there may be for a detector to add one. */
  readonly most?: number;
}

const mostBans = 50_000;

/**
 * Opens what is banned, on this replica and on all others that share the state. What is known holds on while the store is
 * away. What is heard twice counts once, in whatever order it is heard.
 */
export function openBans(state: StateStore, clock: Clock, options: BansOptions = {}): OpenBans {
  const { timers = systemTimers, log = silentLog, signals = silentSignals, most = mostBans } = options;
  const banLog = openBanLog(state.log('bans'), clock, log);
  const known = openKnown({ clock, timers, signals, listener: options.listener });
  const { register } = known;
  const { refusing, tightening } = register;
  const unheard = openUnheard({
    append: (ban) => banLog.append({ kind: 'ban', ban }),
    stands: (ban) => register.of(ban.target, clock.nowMs()).some(({ id }) => id === ban.id),
    ...{ timers, signals },
  });
  const write = async (entry: BanEntry): Promise<void> => {
    await banLog.append(entry);
    // The log tells us too, a moment later.
    known.take(entry, true);
  };
  const follower = banLog.follow(known.take, options.caughtUp);

  return {
    onAddress: (client) => (refusing.size === 0 ? undefined : refusing.onAddress(client, clock.nowMs)),
    onPrincipal: (key) => (refusing.size === 0 ? undefined : refusing.onPrincipal(key, clock.nowMs)),
    weight: (client, principal) =>
      tightening.size === 0 ? 1 : tightening.weight(parseAddress(client), principal, clock.nowMs()),
    ban: async (asked) => {
      const before = register.of(asked.target, clock.nowMs()).find((held) => saysAll(held, asked));
      if (before !== undefined) return before;
      // What is banned anew is not what was lifted, also where a replica's clock is behind.
      const liftedMs = register.liftedMs(asked.target) ?? Number.NEGATIVE_INFINITY;
      const ban: Ban = { ...asked, sinceMs: Math.max(asked.sinceMs, liftedMs + 1) };
      if (ban.by === operator) {
        await write({ kind: 'ban', ban });
        return ban;
      }
      if (refusing.size + tightening.size >= most) {
        signals.banChanged(ban.by, 'refused');
        log.warn({ by: ban.by, most }, 'there is no room for more bans of detectors');
        return undefined;
      }
      known.take({ kind: 'ban', ban }, true);
      await unheard.tell(ban);
      return ban;
    },
    lift: async (target) => {
      const nowMs = clock.nowMs();
      const there = register.of(target, nowMs);
      if (there.length > 0) await write({ kind: 'lift', lift: liftOf(target, there, nowMs) });
      return there;
    },
    list: function* () {
      const nowMs = clock.nowMs();
      for (const ban of register.list()) if (endOf(ban) > nowMs) yield ban;
    },
    close: () => {
      follower.close();
      known.close();
      unheard.close();
    },
  };
}

/** What ends all of these, also where another replica's clock is ahead. */
function liftOf(target: BanTarget, bans: readonly Ban[], nowMs: number): Lift {
  const endMs = Math.max(...bans.map(endOf));
  return {
    target,
    atMs: Math.max(nowMs, ...bans.map(({ sinceMs }) => sinceMs)),
    untilMs: endMs === Number.POSITIVE_INFINITY ? undefined : endMs,
  };
}
