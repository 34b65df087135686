import type { FindingSubject } from '../../core/finding.ts';
import { blameOf, type Detector, type DetectorDeps, detectorKind, type Sight } from '../detector.ts';
import type { Level } from '../levels.ts';
import { countSchema, numberSchema, openThresholds } from '../options.ts';
import { openProfile } from '../profile.ts';
import { binMs, openRates, windowSeconds } from '../rates.ts';
import { routesMost as numbersMost } from '../routes.ts';
import { openSlots } from '../slots.ts';

interface SurgeOptions {
  readonly ratio: number;
  readonly least: number;
  readonly scales: number;
  readonly drops: boolean;
  readonly clients: number;
}

/** Surges and drops of requests: of all, of each route, of each client. */
export const surges = detectorKind<SurgeOptions>({
  description: 'Many more requests than usual, or many fewer: of all, of a route, of a client.',
  learns: true,
  schema: {
    ratio: numberSchema(
      'How many times as many as usual are a surge, and one part of how many a drop. Default: 2.',
      1.2,
    ),
    at_least: countSchema(
      'Fewer requests than so many in ten seconds are never a surge, and where fewer are usual nothing is a drop. Default: 20.',
    ),
    scales: numberSchema('How far from the usual, in what the number varies by anyway, is unusual. Default: 2.8.', 1),
    drops: { type: 'boolean', description: 'Whether drops are told of, too. Default: true.' },
    clients: countSchema('Clients that are told apart. Default: 100000.', 100),
  },
  build: (raw, context) => {
    const read = openThresholds(raw, context);
    return {
      ratio: read.number('ratio', 2),
      least: read.number('at_least', 20),
      scales: read.number('scales', 2.8),
      drops: read.flag('drops', true),
      clients: read.number('clients', 100_000),
    };
  },
  open: (options, deps) => {
    const common = openCommon(options, deps);
    const clients = openClients(options, deps);
    return {
      take: (sight) => {
        // What our Check said yes to is told of again when it is over.
        if (sight.observation.stage === 'over' && sight.observation.reason !== undefined) return;
        common.take(sight);
        clients.count(sight, 1);
      },
      tick: (nowMs) => {
        common.tick(nowMs);
        clients.tick(nowMs);
      },
    };
  },
});

/** What surges of clients and of the rest have in common: five-second bins, three windows of two of them. */
const pace = {
  meanBins: 48,
  scaleBins: 8640,
  learnBins: 180,
  adoptBins: 120,
  runBins: 2,
  floor: 0.1,
  awayBins: 60,
  unseenBins: 6,
} as const;
const routesMost = 511;
const global: FindingSubject = Object.freeze({ kind: 'global', name: '' });

/** Says what a level means. */
const teller =
  (deps: Pick<DetectorDeps, 'raise'>, drops: boolean) =>
  (
    level: Level,
    subject: FindingSubject,
    observed: number,
    expected: number,
    atMs: number,
    sight: Sight | undefined,
  ): void => {
    if (level === 0 || (level < 0 && !drops)) return;
    deps.raise({
      subject,
      title:
        level > 0
          ? `${times(observed / Math.max(expected, 0.1))} times as many requests as usual`
          : `${Math.round((1 - observed / expected) * 100)} % fewer requests than usual`,
      measure: { name: 'requests_per_second', observed: round(observed), expected: round(expected) },
      technique: level > 0 ? 'T1498' : undefined,
      blame: level > 0 && sight !== undefined ? blameOf(sight.observation) : [],
      sinceMs: atMs - windowSeconds * 1000,
      atMs,
    });
  };

const round = (rate: number): number => Math.round(rate * 10) / 10;
const times = (ratio: number): string => (ratio < 10 ? ratio.toFixed(1) : String(Math.round(ratio)));

/** All requests, and those of each route: few series, which know what each hour is used to. */
function openCommon(options: SurgeOptions, { raise }: DetectorDeps): Detector {
  const profile = openProfile(routesMost + 1);
  const rates = openRates(routesMost + 1, {
    ...pace,
    ...options,
    step: Math.log(options.ratio),
    profile: (slot, bin, value) => profile.learn(slot, bin * binMs, value),
  });
  const tell = teller({ raise }, options.drops);
  const subjects: FindingSubject[] = [];
  /** By the number of a route; 0: none yet. */
  const slots = new Uint16Array(numbersMost + 1);
  const open = (subject: FindingSubject, bin: number): number => {
    const slot = subjects.push(subject) - 1;
    rates.clear(slot, bin);
    return slot;
  };
  const slotOf = (route: number, name: string, bin: number): number => {
    const known = slots[route] ?? 0;
    // What there is no room for is in the sum of all.
    if (known > 0 || route === 0 || subjects.length > routesMost) return known;
    const slot = open({ kind: 'route', name }, bin);
    slots[route] = slot;
    return slot;
  };
  const found = (slot: number, level: Level, atMs: number): void => {
    const subject = subjects[slot];
    if (level !== 0 && subject !== undefined)
      tell(level, subject, rates.observed(), rates.expected(slot), atMs, undefined);
  };
  return {
    take: ({ observation, route }) => {
      const { atMs } = observation;
      const bin = Math.floor(atMs / binMs);
      if (subjects.length === 0) open(global, bin);
      found(0, rates.add(0, bin, 1), atMs);
      const slot = slotOf(route, observation.route, bin);
      if (slot > 0) found(slot, rates.add(slot, bin, 1), atMs);
    },
    tick: (nowMs) => {
      // What comes from a thread is a little late.
      const bin = Math.floor((nowMs - lateMs) / binMs);
      for (let slot = 0; slot < subjects.length; slot += 1) found(slot, rates.pass(slot, bin), nowMs);
    },
  };
}

const lateMs = 2000;
const steadyMost = 2000;

/** Requests of each client: its slot has no name, but where it is so steady that its absence would be told of. */
interface ClientRates {
  /** Counts so many requests of the client of a sight. */
  count(sight: Sight, requests: number): void;
  tick(nowMs: number): void;
}

/** Opens the series of clients. */
export function openClients(options: SurgeOptions, { raise }: Pick<DetectorDeps, 'raise'>): ClientRates {
  const slots = openSlots(options.clients);
  const rates = openRates(slots.size, { ...pace, ...options, step: Math.log(options.ratio) });
  const tell = teller({ raise }, options.drops);
  const steady = new Map<number, FindingSubject>();

  const steadyLog = Math.log1p(2 * options.least);

  const consider = (slot: number, sight: Sight): void => {
    if (steady.size < steadyMost && !steady.has(slot)) steady.set(slot, subjectOf(sight));
  };
  const drop = (slot: number, bin: number, nowMs: number, subject: FindingSubject): void => {
    const level = rates.pass(slot, bin);
    if (level !== 0) tell(level, subject, rates.observed(), rates.expected(slot), nowMs, undefined);
    if (rates.isAway(slot) || rates.expected(slot) * windowSeconds < options.least) steady.delete(slot);
  };
  return {
    count: (sight, requests) => {
      const { network, principal, observation } = sight;
      const key = principal.high === 0 ? network : principal;
      if (key.high === 0) return;
      const { atMs } = observation;
      const bin = Math.floor(atMs / binMs);
      const claimed = slots.claim(key);
      const slot = claimed < 0 ? ~claimed : claimed;
      if (claimed < 0) {
        rates.clear(slot, bin);
        steady.delete(slot);
      }
      // Who has been here for long is kept for longer.
      const seen = rates.seen(slot);
      slots.keep(slot, bin + Math.min(seen, pace.learnBins));
      const level = rates.add(slot, bin, requests);
      if (level > 0) tell(level, subjectOf(sight), rates.observed(), rates.expected(slot), atMs, sight);
      else if (options.drops && seen > pace.learnBins && rates.isUsual(slot, steadyLog)) consider(slot, sight);
    },
    tick: (nowMs) => {
      if (!options.drops) return;
      const bin = Math.floor((nowMs - lateMs) / binMs);
      for (const [slot, subject] of steady) drop(slot, bin, nowMs, subject);
    },
  };
}

const subjectOf = ({ observation: { principal, network } }: Sight): FindingSubject =>
  principal === undefined ? { kind: 'network', name: network } : { kind: 'principal', name: principal };
