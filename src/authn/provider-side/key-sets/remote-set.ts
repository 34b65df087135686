import type { Clock } from '../../../core/clock.ts';
import { unlessAborted } from '../../../core/patience.ts';
import type { Log, Signals } from '../../../core/ports.ts';
import type { Timers } from '../../../core/timers.ts';
import type { Outbounds } from '../../../outbound/registry.ts';
import type { LoadedKeys } from './jwk.ts';
import { keepKeys } from './kept-keys.ts';
import type { KeyLookup, KeySet, KeySetSpec } from './key-set.ts';
import { fetchKeys } from './remote-keys.ts';

/** What key sets need from outside. */
export interface KeySetDeps {
  readonly clock: Clock;
  readonly signals: Signals;
  readonly log: Log;
  readonly outbounds: Pick<Outbounds, 'resolve'>;
  readonly timers: Timers;
}

/** A key set that is fetched, and kept fresh once it is started. */
export interface RemoteSet extends KeySet {
  start(): void;
  /** Asks nobody any more; an answer that is under way is still taken, for calls may be waiting for it. */
  retire(): void;
  /** Retires, and drops what is under way. */
  close(): void;
}

const unavailable: KeyLookup = Object.freeze({ kind: 'unavailable' });

const broken = (): LoadedKeys => ({ ok: false, problem: 'internal error', leftOut: [] });

/** Opens a key set; it asks nobody before it is started or somebody looks for a key. */
export function openRemoteSet(spec: KeySetSpec, deps: KeySetDeps): RemoteSet {
  const { clock, timers } = deps;
  const kept = keepKeys(spec, clock);
  const outbound = deps.outbounds.resolve(spec.outbound);
  let attemptedMs: number | undefined;
  let asking: Promise<void> | undefined;
  let state: 'idle' | 'started' | 'retired' = 'idle';
  let cancelTimer = (): void => {};
  let cancelFetch = (): void => {};

  const attempt = async (): Promise<void> => {
    cancelTimer();
    attemptedMs = clock.monotonicMs();
    const controller = new AbortController();
    const cancelTimeout = timers.after(spec.outbound.timeoutMs, () => controller.abort());
    cancelFetch = () => controller.abort();
    // A bug must not leave the set waiting for ever.
    const loaded = await fetchKeys(spec, outbound.fetch, kept.last(), controller.signal).catch(broken);
    cancelTimeout();
    asking = undefined;
    if (state === 'retired' && controller.signal.aborted) return;
    const { doubted } = kept.take(loaded);
    report(spec, deps, loaded);
    if (doubted) {
      const { identity } = spec;
      deps.log.warn({ identity }, 'the key set shares no key with the one before; both are taken for a while');
    }
    if (state === 'started') cancelTimer = timers.after(kept.nextMs(), () => void ask());
  };
  const ask = (): Promise<void> => {
    asking ??= attempt();
    return asking;
  };

  const mayAsk = (waitMs: number): boolean =>
    asking !== undefined ||
    (state !== 'retired' && (attemptedMs === undefined || clock.monotonicMs() - attemptedMs >= waitMs));

  const retire = (): void => {
    state = 'retired';
    cancelTimer();
  };

  return {
    find: (kid, alg, signal) => {
      const known = kept.usable()?.find(kid, alg);
      if (known !== undefined && known.kind !== 'unknown') return known;
      if (!mayAsk(known === undefined ? kept.nextMs() : spec.unknownKidCooldownMs)) return known ?? unavailable;
      const asked = ask().then(() => kept.usable()?.find(kid, alg) ?? unavailable);
      return unlessAborted(asked, signal, unavailable);
    },
    ready: () => kept.ready,
    start: () => {
      if (state !== 'idle') return;
      state = 'started';
      void ask();
    },
    retire,
    close: () => {
      retire();
      cancelFetch();
    },
  };
}

function report({ identity }: KeySetSpec, { signals, log }: KeySetDeps, loaded: LoadedKeys): void {
  const leftOut = loaded.leftOut.map(({ index, fault }) => `${index}: ${fault}`);
  if (loaded.ok) {
    signals.keySetFetched(identity, 'ok', loaded.keys.size);
    signals.keySetEnds(identity, loaded.endsMs());
    log.debug?.({ identity, keys: loaded.keys.size }, 'the key set was fetched');
    if (leftOut.length > 0) log.warn({ identity, keys: leftOut }, 'keys of the key set are left out');
  } else {
    signals.keySetFetched(identity, 'error', 0);
    log.warn({ identity, problem: loaded.problem, keys: leftOut }, 'the key set cannot be had');
  }
}
