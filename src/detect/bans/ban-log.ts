import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/ports.ts';
import type { LogFollower, SharedLog } from '../../core/state.ts';
import { type BanEntry, decodeEntry, encodeEntry } from './entry.ts';
import { endOf } from './extent.ts';

/** The log of bans, which every replica follows. */
interface BanLog {
  /** Rejects with a StoreUnavailable. */
  append(entry: BanEntry): Promise<void>;
  /** ours: we are writing it just now. */
  follow(take: (entry: BanEntry, ours: boolean) => void, caughtUp: (() => void) | undefined): LogFollower;
}

/** The bans of a log; what is none of them is logged without what it holds, and left out. */
export function openBanLog(shared: SharedLog, clock: Clock, log: Log): BanLog {
  // We may hear of what we write before we know that it is written.
  const writing = new Set<string>();
  return {
    append: async (entry) => {
      const text = encodeEntry(entry);
      writing.add(text);
      try {
        await shared.append(text, endOf(entry.kind === 'ban' ? entry.ban : entry.lift) - clock.nowMs());
      } finally {
        writing.delete(text);
      }
    },
    follow: (take, caughtUp) =>
      shared.follow((text) => {
        const entry = decodeEntry(text);
        if (entry === undefined) log.error({ length: text.length }, 'an entry of the bans cannot be read');
        else take(entry, writing.has(text));
      }, caughtUp),
  };
}
