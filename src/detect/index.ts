import { isDeepStrictEqual } from 'node:util';
import type { Bans } from '../core/ban.ts';
import { errorName } from '../core/bug.ts';
import type { Clock } from '../core/clock.ts';
import type { FindingListener } from '../core/finding.ts';
import type { Observation } from '../core/observation.ts';
import type { Log } from '../core/ports.ts';
import type { Timers } from '../core/timers.ts';
import { openAllowlist } from './allowlist.ts';
import type { Detector, Sight } from './detector.ts';
import { type Allowlist, type FindingDeps, type Findings, openFindings } from './findings.ts';
import { openHash, openKeying } from './hash.ts';
import { openRoutes } from './routes.ts';
import type { DetectionSettings, DetectorSetup } from './schema.ts';

export { openDecided } from './decided.ts';
export { type OverBatch, observationsOf, openOver, overEntry } from './over.ts';
export { buildDetection, type DetectionOptions, type DetectionSettings, detectionSchema } from './schema.ts';

/** What detection needs of the rest of the house. */
interface DetectionDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly bans: Pick<Bans, 'ban'>;
  readonly listener: FindingListener;
  /** Hears what became of a ban that a detector asked for. Never throws. */
  readonly acted: FindingDeps['acted'];
  readonly newId: () => string;
  /** Random, for each process. */
  readonly seed: number;
}

/** Detection as it runs. */
interface Detection {
  /** Takes what was observed. Never throws, never waits. */
  take(observation: Observation): void;
  /** Goes by other settings from now on: what a detector has learnt stays where its own options did. */
  adjust(settings: DetectionSettings): void;
  /** Whether anything is looked for. */
  isOn(): boolean;
  /** Ends all findings. */
  close(): void;
}

interface Running {
  readonly setup: DetectorSetup;
  readonly detector: Detector;
  readonly findings: Findings;
}

const tickMs = 1000;
/** How late an observation may be: a request is told of when it is over, and that takes a second or two. */
const latestMs = 60_000;
const tellBugsMs = 60_000;

/** Opens detection, which looks for nothing until it is told what. */
export function openDetection(deps: DetectionDeps): Detection {
  const { clock, timers, log } = deps;
  const hash = openHash(deps.seed);
  const sightOf = openSights(deps.seed);
  let running: readonly Running[] = [];
  let allow: Allowlist = openAllowlist([], []);
  let cancel: (() => void) | undefined;
  let tickedMs = Number.NEGATIVE_INFINITY;
  const tellBug = openBugs(clock, log);
  const budget = openBudget(clock, log);
  const findingDeps: FindingDeps = { ...deps, allow: () => allow, mayBan: budget.take };

  /** What was learnt, and what leaks, would stand still until the clock is where it was. */
  const beginAnew = (nowMs: number): void => {
    log.warn({ backMs: tickedMs - nowMs }, 'the clock was set back: detection begins anew');
    for (const { findings } of running) findings.close(nowMs);
    running = running.map(({ setup }) => start(setup));
  };
  const tick = (): void => {
    const nowMs = clock.nowMs();
    if (nowMs < tickedMs - latestMs) beginAnew(nowMs);
    tickedMs = nowMs;
    for (const { setup, detector, findings } of running) {
      try {
        detector.tick(nowMs);
        findings.tick(nowMs);
      } catch (error) {
        tellBug(setup.name, error);
      }
    }
    cancel = running.length === 0 ? undefined : timers.after(tickMs, tick);
  };
  const start = (setup: DetectorSetup): Running => {
    const findings = openFindings(setup.name, setup.acting, findingDeps);
    return { setup, findings, detector: setup.prepared.open({ hash, raise: findings.raise }) };
  };
  const kept = (setup: DetectorSetup): Running | undefined => {
    const known = running.find(({ setup: { name } }) => name === setup.name);
    if (known === undefined || !isDeepStrictEqual(known.setup.prepared.options, setup.prepared.options))
      return undefined;
    known.findings.adjust(setup.acting, clock.nowMs());
    return { ...known, setup };
  };
  return {
    isOn: () => running.length > 0,
    take: (observation) => {
      if (running.length === 0) return;
      const sight = sightOf(inTime(observation, clock.nowMs()));
      for (const { setup, detector } of running) {
        try {
          detector.take(sight);
        } catch (error) {
          tellBug(setup.name, error);
        }
      }
    },
    adjust: ({ detectors, bansPerMinute, allow: { addresses, principals } }) => {
      allow = openAllowlist(addresses, principals);
      budget.adjust(bansPerMinute);
      const next = detectors.map((setup) => kept(setup) ?? start(setup));
      for (const { findings } of running) {
        if (!next.some((one) => one.findings === findings)) findings.close(clock.nowMs());
      }
      running = next;
      if (running.length > 0) cancel ??= timers.after(tickMs, tick);
    },
    close: () => {
      cancel?.();
      for (const { findings } of running) findings.close(clock.nowMs());
      running = [];
    },
  };
}

const nothing: Observation = Object.freeze({
  stage: 'decided',
  atMs: 0,
  network: '',
  principal: undefined,
  guess: undefined,
  route: 'none',
  reason: undefined,
  path: '',
  status: undefined,
  upstreamFailed: false,
  bytesOut: 0,
});

/** Hashes the names of an observation, into the same sight each time. */
function openSights(seed: number): (observation: Observation) => Sight {
  const keying = openKeying(seed);
  const routes = openRoutes();
  const sight: Sight = {
    observation: nothing,
    network: { low: 0, high: 0 },
    principal: { low: 0, high: 0 },
    route: 0,
  };
  return (observation) => {
    const { network, principal, route } = observation;
    sight.observation = observation;
    if (network === '') sight.network.high = 0;
    else keying(network, sight.network);
    if (principal === undefined) sight.principal.high = 0;
    else keying(principal, sight.principal);
    sight.route = routes(route);
    return sight;
  };
}

/** What another clock says is believed only where it is near ours. */
function inTime(observation: Observation, nowMs: number): Observation {
  const { atMs } = observation;
  return atMs <= nowMs && atMs > nowMs - latestMs ? observation : { ...observation, atMs: nowMs };
}

/** Tells of what a detector throws, not each time. */
function openBugs(clock: Clock, log: Log): (detector: string, error: unknown) => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  return (detector, error) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - toldMs < tellBugsMs) return;
    toldMs = nowMs;
    log.error({ detector, error: errorName(error) }, 'a detector has failed');
  };
}

/** The bans that may be made in a minute: a detector that is wrong must not lock everybody out. */
function openBudget(clock: Clock, log: Log): { take(): boolean; adjust(perMinute: number): void } {
  let perMinute = 0;
  let minute = 0;
  let used = 0;
  return {
    adjust: (next) => {
      perMinute = next;
    },
    take: () => {
      // By the clock that never steps back: observations are of now and of a second ago, in turn.
      const current = Math.floor(clock.monotonicMs() / 60_000);
      if (current !== minute) {
        minute = current;
        used = 0;
      }
      used += 1;
      if (used === perMinute + 1) log.warn({ perMinute }, 'detection makes no more bans in this minute: look at why');
      return used <= perMinute;
    },
  };
}
