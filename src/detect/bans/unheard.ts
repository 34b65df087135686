import type { Ban } from '../../core/ban.ts';
import type { Signals } from '../../core/ports.ts';
import type { Timers } from '../../core/timers.ts';

/** How others are told of bans. */
interface UnheardOptions {
  /** Rejects when the others cannot be told now. */
  readonly append: (ban: Ban) => Promise<void>;
  /** Whether a ban still holds here, so that others need to hear of it. */
  readonly stands: (ban: Ban) => boolean;
  readonly timers: Timers;
  readonly signals: Pick<Signals, 'banChanged'>;
}

/** Bans that hold here, and of which others are told as soon as the store is there. */
interface Unheard {
  /** Never rejects. */
  tell(ban: Ban): Promise<void>;
  close(): void;
}

/** How soon others are told again of what they could not be told of. */
const retryMs = 2000;

/** Everything has been told so far. */
export function openUnheard({ append, stands, timers, signals }: UnheardOptions): Unheard {
  const waiting = new Map<string, Ban>();
  let cancel: (() => void) | undefined;
  let closed = false;

  const told = (ban: Ban): Promise<boolean> =>
    append(ban).then(
      () => true,
      () => false,
    );
  const retryLater = (): void => {
    if (!closed) cancel ??= timers.after(retryMs, () => void retry());
  };
  const retry = async (): Promise<void> => {
    cancel = undefined;
    for (const ban of waiting.values()) {
      if (stands(ban) && !(await told(ban))) return retryLater();
      waiting.delete(ban.id);
    }
  };
  return {
    tell: async (ban) => {
      if (await told(ban)) return;
      signals.banChanged(ban.by, 'unheard');
      waiting.set(ban.id, ban);
      retryLater();
    },
    close: () => {
      closed = true;
      cancel?.();
    },
  };
}
