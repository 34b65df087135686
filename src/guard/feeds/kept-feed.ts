import type { Clock } from '../../core/clock.ts';
import type { FeedListener, FeedStatus } from '../../core/feed.ts';
import type { Log, Signals } from '../../core/ports.ts';
import type { Timers } from '../../core/timers.ts';
import type { Outbounds } from '../../outbound/registry.ts';
import type { Feed, FeedSource, FeedSpec } from './feed.ts';
import { holdList, type InForce } from './holding.ts';
import type { FeedReader } from './job.ts';
import { openSource } from './sources/index.ts';
import { failed } from './sources/source.ts';

/** What feeds need from outside. */
export interface FeedDeps {
  readonly clock: Clock;
  readonly signals: Pick<Signals, 'feedRefreshed' | 'feedInForce'>;
  readonly log: Log;
  readonly listener: FeedListener;
  readonly outbounds: Pick<Outbounds, 'resolve'>;
  readonly timers: Timers;
  readonly reader: FeedReader;
  /** A number from 0 to 1, so that replicas do not ask all at once. */
  readonly random: () => number;
  /** Hears that a first look is over. */
  readonly settled: () => void;
}

/** A feed that is looked at again and again once it is started. */
export interface KeptFeed extends Feed {
  start(): void;
  /** Whether the first look is over, or has had its time. */
  settled(): boolean;
  inForce(): InForce | undefined;
  status(): FeedStatus;
  /** Asks nobody any more, and drops what is under way. */
  close(): void;
}

// Decisions that end one after the other are left out together.
const shortestExpiryMs = 1000;

/** Opens a feed; before: what an earlier one of the same origin had in force. It asks nobody before it is started. */
export function openKeptFeed(spec: FeedSpec, deps: FeedDeps, before: InForce | undefined): KeptFeed {
  const { clock, timers, reader, outbounds } = deps;
  const holding = holdList(spec, deps, before);
  // Held as a whole, for what nobody holds is given up.
  const outbound = spec.source.kind === 'url' ? outbounds.resolve(spec.source.outbound) : { fetch: noFetch };
  const source = openSource(spec, { reader, outbound, nowMs: clock.nowMs });
  const ending = new AbortController();
  const isOpen = (): boolean => !ending.signal.aborted;
  let started = false;
  let settled = false;
  let cancelLook = (): void => {};
  let cancelExpiry = (): void => {};

  const settle = (): void => {
    if (settled) return;
    settled = true;
    deps.settled();
  };
  const expireInTime = (): void => {
    cancelExpiry();
    const { expire } = source;
    const expiresMs = holding.inForce()?.expiresMs;
    if (expire === undefined || expiresMs === undefined) return;
    cancelExpiry = timers.after(Math.max(shortestExpiryMs, expiresMs - clock.nowMs()), async () => {
      const left = await expire();
      if (!isOpen() || left.kind !== 'taken') return;
      holding.keepLeft(left);
      expireInTime();
    });
  };
  const look = async (): Promise<void> => {
    const found = await source.look(holding.floor(), ending.signal).catch(() => failed('internal error'));
    if (!isOpen()) return;
    const pauseMs = holding.conclude(found);
    expireInTime();
    cancelLook = timers.after(pauseMs * (1 + 0.2 * deps.random()), () => void look());
    settle();
  };
  const begin = async (): Promise<void> => {
    expireInTime();
    const kept = holding.inForce() === undefined ? await source.kept?.() : undefined;
    if (kept?.kind === 'taken' && isOpen()) holding.take(kept);
    if (isOpen()) await look();
  };
  return {
    name: spec.name,
    fault: undefined,
    find: holding.find,
    start: () => {
      if (started) return;
      started = true;
      timers.after(timeoutOf(spec.source), settle);
      void begin();
    },
    settled: () => settled,
    inForce: holding.inForce,
    status: holding.status,
    close: () => {
      ending.abort();
      cancelLook();
      cancelExpiry();
    },
  };
}

const noFetch: typeof fetch = () => Promise.reject(new TypeError('a file is not fetched'));

const timeoutOf = (source: FeedSource): number =>
  source.kind === 'url' ? source.outbound.timeoutMs : source.timeoutMs;
