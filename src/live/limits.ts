import type { Signals } from '../core/ports.ts';
import { shortOrNone } from '../core/redact.ts';
import type { Detail } from '../core/verdict.ts';
import type { Kept } from './kept.ts';
import { timeText } from './shown.ts';
import { openSlices } from './slices.ts';

const minuteMs = 60_000;
const minutes = 15;
const fullestShown = 3;

type Outcome = Parameters<Signals['limitChecked']>[1];
type Counts = Record<Outcome, number>;

const openCounts = (): Counts => ({ allowed: 0, limited: 0, local: 0, store_denied: 0, store_allowed: 0 });

/** A counter of a limit as a decision saw it. */
interface Seen {
  /** Who asked: a principal or an address. */
  readonly client: string;
  readonly used: number;
  readonly count: number;
  readonly period_ms: number;
  /** Milliseconds since the epoch. */
  readonly endMs: number;
}

type ShownSeen = ReturnType<typeof shown>;

/** How limits are used. */
interface Limits {
  checked(limit: string, outcome: Outcome, atMs: number): void;
  /** Each limit that was checked in the last quarter of an hour, with the fullest counters of recent decisions. */
  list(
    nowMs: number,
    recent: Iterable<Kept>,
  ): readonly ({ readonly limit: string; readonly fullest: readonly ShownSeen[] } & Counts)[];
}

/** Opens the counts: as many as limits are configured. */
export function openLimits(): Limits {
  const slices = openSlices<Map<string, Counts>>(minutes, minuteMs, () => new Map());
  return {
    checked: (limit, outcome, atMs) => {
      const minute = slices.at(atMs);
      const counts = minute.get(limit) ?? openCounts();
      counts[outcome] += 1;
      minute.set(limit, counts);
    },
    list: (nowMs, recent) => {
      const totals = new Map<string, Counts>();
      for (const [, minute] of slices.until(nowMs)) {
        for (const [limit, counts] of minute) {
          const total = totals.get(limit) ?? openCounts();
          for (const outcome of Object.keys(total) as Outcome[]) total[outcome] += counts[outcome]; // keys of a literal above
          totals.set(limit, total);
        }
      }
      const seen = countersOf(nowMs, recent);
      return [...totals].map(([limit, counts]) => ({ limit, ...counts, fullest: fullest(seen.get(limit)) }));
    },
  };
}

const fullest = (seen: ReadonlyMap<string, Seen> | undefined): readonly ShownSeen[] =>
  [...(seen?.values() ?? [])]
    .toSorted((a, b) => b.used / b.count - a.used / a.count)
    .slice(0, fullestShown)
    .map(shown);

const shown = ({ client, endMs, ...more }: Seen) => ({
  client: shortOrNone(client) ?? null,
  ...more,
  resets: timeText(endMs),
});

/** The counters by limit and client, as the latest decision about each saw it; those that are as good as new are left out. */
function countersOf(nowMs: number, recent: Iterable<Kept>): ReadonlyMap<string, Map<string, Seen>> {
  const limits = new Map<string, Map<string, Seen>>();
  for (const kept of recent) {
    const client = kept.principal ?? kept.client;
    for (const { step, shadow, detail } of kept.entries) {
      if (step !== 'limit' || shadow) continue;
      for (const name of Object.keys(detail)) {
        const id = /^limit\.([^.]+)$/.exec(name)?.[1];
        const counters = id === undefined ? undefined : (limits.get(id) ?? new Map<string, Seen>());
        if (id === undefined || counters === undefined || counters.has(client)) continue;
        const seen = seenIn(detail, name, kept, client, nowMs);
        if (seen !== undefined) limits.set(id, counters.set(client, seen));
      }
    }
  }
  return limits;
}

function seenIn(detail: Detail, name: string, kept: Kept, client: string, nowMs: number): Seen | undefined {
  const number = (member: string): number | undefined => {
    const value = detail[`${name}.${member}`];
    return typeof value === 'number' ? value : undefined;
  };
  const [count, period, remaining, reset] = ['count', 'period_ms', 'remaining', 'reset_ms'].map(number);
  if (count === undefined || period === undefined || remaining === undefined || reset === undefined) return undefined;
  const endMs = kept.startMs + reset;
  if (endMs <= nowMs) return undefined;
  const used = Math.max(0, count - remaining);
  return { client, used, count, period_ms: period, endMs };
}
