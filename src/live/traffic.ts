import { clientNetwork } from '../core/client-network.ts';
import type { Reason } from '../core/reason.ts';
import { reasons } from '../core/reason.ts';
import { openTop, type Top } from '../core/top.ts';
import { addDuration, type Durations, openDurations, quantileMicros, sumOf } from './durations.ts';
import type { Kept } from './kept.ts';
import { shownName } from './shown.ts';
import { openSlices } from './slices.ts';

const secondMs = 1000;
const minuteMs = 60_000;
const minutes = 15;
const clientsKept = 64;
const clientsShown = 20;
const nameMax = 1024;
// So that a handful of decisions does not stand for 99 of 100.
const quantileSeconds = 10;

interface Second {
  readonly counts: { allow: number; deny: number; failed: number };
  readonly durations: Durations;
}

interface Client {
  kind: 'principal' | 'address';
  requests: number;
  denied: number;
  failed: number;
}

interface Minute {
  readonly reasons: Map<Reason, number>;
  readonly clients: Top<Client>;
}

const openClient = (): Client => ({ kind: 'address', requests: 0, denied: 0, failed: 0 });

function addClient(from: Client, into: Client): void {
  into.kind = from.kind;
  into.requests += from.requests;
  into.denied += from.denied;
  into.failed += from.failed;
}

/** Numbers of the last quarter of an hour. */
interface Traffic {
  count(kept: Kept): void;
  /** One place for each whole second from sinceMs, or from a quarter of an hour ago, to nowMs. */
  series(nowMs: number, sinceMs?: number): Series;
  /** Reasons of denials, the most frequent first. */
  denials(nowMs: number): readonly Denials[];
  /** Who asked most often, the most frequent first. */
  clients(nowMs: number): readonly ShownClient[];
}

/** A table of seconds, by column. */
interface Series {
  /** The first of the seconds, in seconds since the epoch. */
  readonly from: number;
  readonly allow: readonly number[];
  readonly deny: readonly number[];
  readonly failed: readonly number[];
  /** Microseconds, of the ten seconds that end with this one; null where nothing was decided. */
  readonly p50_us: readonly (number | null)[];
  readonly p99_us: readonly (number | null)[];
}

interface Denials {
  readonly reason: Reason;
  readonly status: number;
  readonly title: string;
  readonly count: number;
}

interface ShownClient extends Client {
  readonly client: string;
  /** Whether the name is shown as it is: only then does a ban of it mean them. */
  readonly bannable: boolean;
}

/** Opens the counts; their memory is bounded whatever comes. */
export function openTraffic(): Traffic {
  const seconds = openSlices<Second>(minutes * 60, secondMs, () => ({
    counts: { allow: 0, deny: 0, failed: 0 },
    durations: openDurations(),
  }));
  const wide = openSlices<Minute>(minutes, minuteMs, () => ({
    reasons: new Map(),
    clients: openTop(clientsKept, openClient, addClient),
  }));
  return {
    count: (kept) => {
      // What is done with messages on their way belongs to a request that has been counted.
      if (kept.process && kept.effect === 'allow') return;
      const atMs = kept.startMs + kept.durationMs;
      const second = seconds.at(atMs);
      second.counts[kept.effect] += 1;
      addDuration(second.durations, kept.durationMs);
      const minute = wide.at(atMs);
      if (kept.reason !== undefined) minute.reasons.set(kept.reason, (minute.reasons.get(kept.reason) ?? 0) + 1);
      if (!kept.process) countClient(minute.clients, kept);
    },
    series: (nowMs, sinceMs = 0) => columns(seconds, nowMs, sinceMs),
    denials: (nowMs) => {
      const totals = new Map<Reason, number>();
      for (const [, minute] of wide.until(nowMs)) {
        for (const [reason, count] of minute.reasons) totals.set(reason, (totals.get(reason) ?? 0) + count);
      }
      return [...totals]
        .toSorted(([, a], [, b]) => b - a)
        .map(([reason, count]) => ({ reason, status: reasons[reason].status, title: reasons[reason].title, count }));
    },
    clients: (nowMs) => {
      const totals = new Map<string, Client>();
      for (const [, minute] of wide.until(nowMs)) {
        for (const [name, client] of minute.clients.entries()) {
          const total = totals.get(name) ?? openClient();
          addClient(client, total);
          totals.set(name, total);
        }
      }
      return [...totals]
        .toSorted(([, a], [, b]) => b.requests - a.requests)
        .slice(0, clientsShown)
        .map(([name, client]) => ({ client: shownName(name), bannable: isBannable(name), ...client }));
    },
  };
}

const unknown = 'unknown';
const isBannable = (name: string): boolean => name !== unknown && name.length < nameMax && shownName(name) === name;

function countClient(clients: Top<Client>, { principal, client: address, effect }: Kept): void {
  const name = principal ?? (address.includes(':') ? clientNetwork(address) : address || unknown);
  const client = clients.hit(name.slice(0, nameMax));
  client.kind = principal === undefined ? 'address' : 'principal';
  client.requests += 1;
  if (effect === 'deny') client.denied += 1;
  if (effect === 'failed') client.failed += 1;
}

function columns(seconds: ReturnType<typeof openSlices<Second>>, nowMs: number, sinceMs: number): Series {
  const end = Math.floor(nowMs / secondMs);
  const from = Math.max(Math.ceil(sinceMs / secondMs), end - seconds.count + 1);
  const rows = new Map<number, Second>();
  for (const [startMs, second] of seconds.until(nowMs)) rows.set(startMs / secondMs, second);
  const every = Array.from({ length: Math.max(0, end - from) }, (_, index) => rows.get(from + index));
  const quantiles = every.map((_, index) => {
    const recent = Array.from({ length: quantileSeconds }, (__, back) => rows.get(from + index - back)?.durations);
    const durations = sumOf(recent.filter((one) => one !== undefined));
    return { p50: quantileMicros(durations, 0.5) ?? null, p99: quantileMicros(durations, 0.99) ?? null };
  });
  return {
    from,
    allow: every.map((second) => second?.counts.allow ?? 0),
    deny: every.map((second) => second?.counts.deny ?? 0),
    failed: every.map((second) => second?.counts.failed ?? 0),
    p50_us: quantiles.map(({ p50 }) => p50),
    p99_us: quantiles.map(({ p99 }) => p99),
  };
}
