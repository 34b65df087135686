import type { Ban, BanChange, BanListener } from '../../core/ban.ts';
import type { Clock } from '../../core/clock.ts';
import type { Signals } from '../../core/ports.ts';
import type { Timers } from '../../core/timers.ts';
import type { BanEntry } from './entry.ts';
import { createRegister, type Register } from './register.ts';

/** Who hears of bans, and by which time they end. */
interface KnownOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signals: Pick<Signals, 'bansHeld' | 'banChanged'>;
  readonly listener: BanListener | undefined;
}

/** What is known of bans: it tells of every change, and of every end when it comes. */
interface Known {
  readonly register: Register;
  /** here: it was written by us. */
  take(entry: BanEntry, here: boolean): void;
  close(): void;
}

const shortestSleepMs = 50;

/** Nothing is known yet. */
export function openKnown({ clock, timers, signals, listener }: KnownOptions): Known {
  const register = createRegister();
  /** Bans that were made here: their ends are ours to tell. */
  const ours = new Set<string>();
  let cancel = (): void => {};
  let closed = false;

  const tell = (change: BanChange['change'], ban: Ban, here: boolean): void => {
    if (here) signals.banChanged(ban.by, change);
    listener?.banned({ change, ban, here });
    if (change !== 'made') ours.delete(ban.id);
  };
  const settle = (): void => {
    signals.bansHeld('refuse', register.refusing.size);
    signals.bansHeld('tighten', register.tightening.size);
    cancel();
    const endMs = register.nextEndMs();
    if (endMs !== undefined && !closed) {
      cancel = timers.after(Math.max(shortestSleepMs, endMs - clock.nowMs()), sweep);
    }
  };
  const sweep = (): void => {
    for (const ban of register.sweep(clock.nowMs())) tell('ended', ban, ours.has(ban.id));
    settle();
  };

  settle();
  return {
    register,
    take: (entry, here) => {
      const nowMs = clock.nowMs();
      if (entry.kind === 'lift') {
        for (const ban of register.lift(entry.lift, nowMs)) tell('lifted', ban, here);
      } else {
        const replaced = register.add(entry.ban, nowMs);
        if (replaced === undefined) return;
        for (const { id } of replaced) ours.delete(id);
        if (here) ours.add(entry.ban.id);
        tell('made', entry.ban, here);
      }
      settle();
    },
    close: () => {
      closed = true;
      cancel();
    },
  };
}
