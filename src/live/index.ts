import type { Clock } from '../core/clock.ts';
import type { FindingListener } from '../core/finding.ts';
import type { Signals } from '../core/ports.ts';
import type { ClosedTrail } from '../core/trail.ts';
import { type Filter, readFilter } from './filter.ts';
import { openFindings } from './findings.ts';
import { type Kept, keep } from './kept.ts';
import { openLimits } from './limits.ts';
import { openRing } from './ring.ts';
import { explained, type ShownDecision, shownDecision, timeText } from './shown.ts';
import { openTraffic } from './traffic.ts';

/** A load of the config. */
interface Load {
  readonly outcome: 'ok' | 'refused';
  /** The version that is in force from then on. */
  readonly version: string;
  readonly trigger: string;
  /** A line each; empty when the config was taken. */
  readonly issues: readonly string[];
}

/** Some decisions, the latest first. */
interface Batch {
  readonly decisions: readonly ShownDecision[];
  /** How many there are besides: those that were asked for and left out, and those that nobody knows any more. */
  readonly skipped: number;
  /** Where the next batch begins. */
  readonly next: number;
}

/** What has happened just now, for whoever looks on. What is told costs little; what is asked for is made when it is asked for. */
export interface Live extends FindingListener, Pick<Signals, 'decided' | 'limitChecked'> {
  loaded(load: Load): void;
  /** Decisions of number from and later that pass the filter, the latest at most; without a number, from all that are kept. */
  decisions(filter: Filter, most: number, from?: number): Batch;
  /** The number that the next decision gets. */
  readonly next: number;
  readonly filter: typeof readFilter;
  /** What is known of a decision, the latest first; empty: nothing, or not any more. traceUrl is where traces are shown, `{trace_id}` in it the id. */
  explain(id: string, traceUrl: string | undefined): readonly ReturnType<typeof explained>[];
  /** All but decisions, with seconds of the series from sinceMs. */
  state(sinceMs?: number): Readonly<Record<string, unknown>>;
}

const decisionsKept = 1000;
// A flood of allows must not wash away what was refused.
const denialsKept = 500;
const loadsKept = 20;
const issuesKept = 20;

/** Opens the view on what happens; its memory is bounded: 1,500 decisions, and counts of a quarter of an hour. */
export function openLive(clock: Clock): Live {
  const all = openRing<Kept>(decisionsKept);
  const denials = openRing<Kept>(denialsKept);
  const loads = openRing<Load & { readonly atMs: number }>(loadsKept);
  const traffic = openTraffic();
  const limits = openLimits();
  const findings = openFindings();
  const recent = function* (): Generator<Kept> {
    for (const [, kept] of all.latest()) yield kept;
  };
  /** The latest first; denials that are older than all else stand at the end. */
  const everything = (): Set<Kept> => {
    const known = new Set(recent());
    for (const [, kept] of denials.latest()) known.add(kept);
    return known;
  };
  return {
    decided: (trail: ClosedTrail) => {
      const kept = keep(trail);
      all.push(kept);
      if (kept.effect !== 'allow') denials.push(kept);
      traffic.count(kept);
    },
    limitChecked: (limit, outcome, shadow) => {
      if (!shadow) limits.checked(limit, outcome, clock.nowMs());
    },
    found: findings.found,
    loaded: (load) => loads.push({ ...load, issues: load.issues.slice(0, issuesKept), atMs: clock.nowMs() }),
    decisions: (filter, most, from) => {
      const known = from === undefined ? everything() : new Set([...all.latest(from)].map(([, kept]) => kept));
      const wanted = [...known].filter(filter);
      const washedAway = from === undefined ? 0 : all.next - from - known.size;
      const decisions = wanted.slice(0, most).map(shownDecision);
      return { decisions, skipped: wanted.length - decisions.length + washedAway, next: all.next };
    },
    get next() {
      return all.next;
    },
    filter: readFilter,
    explain: (id, traceUrl) => {
      const known = [...everything()].filter((kept) => kept.id === id);
      return known.map((kept) => explained(kept, traceUrl));
    },
    state: (sinceMs) => {
      const nowMs = clock.nowMs();
      return {
        now: timeText(nowMs),
        series: traffic.series(nowMs, sinceMs),
        denials: traffic.denials(nowMs),
        clients: traffic.clients(nowMs),
        limits: limits.list(nowMs, recent()),
        findings: findings.list(),
        loads: [...loads.latest()].map(([, { atMs, outcome, version, trigger, issues }]) => ({
          time: timeText(atMs),
          outcome,
          version,
          trigger,
          issues,
        })),
      };
    },
  };
}
