import type { Clock } from '../../../core/clock.ts';
import { pauseAfter } from '../backoff.ts';
import { joinKeys, type KeyIndex, type LoadedKeys } from './jwk.ts';
import type { KeySetSpec } from './key-set.ts';

/** The keys that were fetched last, as long as they may be used. */
interface KeptKeys {
  readonly ready: boolean;
  usable(): KeyIndex | undefined;
  /** The keys that were had last, however old they are. */
  last(): KeyIndex | undefined;
  /** Takes what a fetch gave; after a failure the keys of before stay. doubted: it shares no key with those of before. */
  take(loaded: LoadedKeys): { readonly doubted: boolean };
  /** Milliseconds from one fetch to the next: before the keys are old, and ever more slowly while nothing comes. */
  nextMs(): number;
}

interface Dated {
  readonly keys: KeyIndex;
  readonly untilMs: number;
}

// Keys are renewed at this part of their age, so that a slow answer does not make them old.
const ahead = 0.8;
// So long keys that were replaced all at once are used on, if stale ones may be used so long.
const longestDoubtMs = 600_000;

/**
 * Keeps the keys of a set. Providers publish a new key beside the old ones; a set of strangers alone is a mistake (another
 * provider's answer, a name that leads elsewhere) or a rotation in an emergency, and which of them nobody here can tell.
 * So the keys of before are used beside it: for stale_if_error, ten minutes at most, after they would have been renewed.
 */
export function keepKeys({ refreshMs, staleIfErrorMs }: KeySetSpec, clock: Clock): KeptKeys {
  let current: { readonly keys: KeyIndex; readonly atMs: number } | undefined;
  let former: Dated | undefined;
  let failures = 0;

  /** The keys of before, as long as they are used beside the new ones. */
  const formerOf = (next: KeyIndex): Dated | undefined => {
    const before =
      liveFormer() ??
      (current && { keys: current.keys, untilMs: current.atMs + refreshMs + Math.min(staleIfErrorMs, longestDoubtMs) });
    return before?.keys.keys.some((key) => next.holds(key)) ? undefined : before;
  };
  const liveFormer = (): Dated | undefined =>
    former !== undefined && clock.monotonicMs() <= former.untilMs ? former : undefined;
  const withFormer = (keys: KeyIndex): KeyIndex => {
    const before = liveFormer();
    return before === undefined ? keys : joinKeys(keys, before.keys);
  };
  return {
    get ready() {
      return current !== undefined;
    },
    usable: () =>
      current !== undefined && clock.monotonicMs() - current.atMs <= refreshMs + staleIfErrorMs
        ? withFormer(current.keys)
        : undefined,
    last: () => current && withFormer(current.keys),
    take: (loaded) => {
      failures = loaded.ok ? 0 : failures + 1;
      if (!loaded.ok) return { doubted: false };
      former = formerOf(loaded.keys);
      current = { keys: loaded.keys, atMs: clock.monotonicMs() };
      return { doubted: former !== undefined };
    },
    nextMs: () => (failures === 0 ? refreshMs * ahead : Math.min(pauseAfter(failures), refreshMs)),
  };
}
