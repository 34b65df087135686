import type { FindingSubject } from '../../core/finding.ts';
import type { Observation } from '../../core/observation.ts';
import { reasons } from '../../core/reason.ts';
import { detectorKind } from '../detector.ts';
import { countSchema, numberSchema, openThresholds } from '../options.ts';
import { binMs, openRates, windowSeconds } from '../rates.ts';
import { routesMost as numbersMost } from '../routes.ts';

interface ErrorOptions {
  readonly ratio: number;
  readonly least: number;
  readonly share: number;
}

type Cause = 'upstream' | 'gateway';

/** Who failed, if anybody did: our own failures are known when they are decided, the others when the request is over. */
function causeOf({ stage, reason, status = 0, upstreamFailed }: Observation): Cause | undefined {
  if (stage === 'decided')
    return reason !== undefined && reason !== 'ok' && reasons[reason].kind === 'fail' ? 'gateway' : undefined;
  if (upstreamFailed) return 'upstream';
  return status >= 500 ? 'gateway' : undefined;
}

const routesMost = 255;
const pace = {
  meanBins: 120,
  scaleBins: 8640,
  learnBins: 60,
  adoptBins: 240,
  runBins: 2,
  floor: 0.2,
  awayBins: 60_000,
  unseenBins: 12,
  scales: 3,
} as const;

/** Many more failed requests than usual, of all or of a route, by who caused them. */
export const errors = detectorKind<ErrorOptions>({
  description:
    'Many more failed requests than usual, of all or of a route, by who caused them: the upstream or the gateway. Needs listen.access_log for those of the upstream.',
  learns: true,
  schema: {
    ratio: numberSchema('How many times as many as usual are a surge of errors. Default: 3.', 1.2),
    at_least: countSchema('Fewer failed requests than so many in ten seconds are never a surge. Default: 10.'),
    share: numberSchema('Less than such a share of the requests is never a surge. Default: 0.05.', 0, 1),
  },
  build: (raw, context) => {
    const read = openThresholds(raw, context);
    return { ratio: read.number('ratio', 3), least: read.number('at_least', 10), share: read.number('share', 0.05) };
  },
  open: ({ ratio, least, share }, { raise }) => {
    const causes = ['upstream', 'gateway'] as const;
    const size = (routesMost + 1) * causes.length;
    const rates = openRates(size, { ...pace, least, step: Math.log(ratio) });
    const shares = openShares(routesMost + 1, causes.length);
    const subjects: FindingSubject[] = [];
    /** By the number of a route; 0: none yet. */
    const places = new Uint16Array(numbersMost + 1);
    const open = (subject: FindingSubject, bin: number): number => {
      const place = subjects.push(subject) - 1;
      for (const index of causes.keys()) rates.clear(place * causes.length + index, bin);
      return place;
    };
    const begin = (bin: number): void => {
      if (subjects.length === 0) open({ kind: 'global', name: '' }, bin);
    };
    const placeOf = (route: number, name: string, bin: number): number => {
      const known = places[route] ?? 0;
      if (known > 0 || route === 0 || subjects.length > routesMost) return known;
      const place = open({ kind: 'route', name }, bin);
      places[route] = place;
      return place;
    };
    const judge = (slot: number, level: number, cause: Cause, atMs: number): void => {
      const subject = subjects[Math.floor(slot / causes.length)];
      if (level <= 0 || subject === undefined || shares.of(slot) < share) return;
      const observed = rates.observed();
      raise({
        subject,
        title: `${Math.round(shares.of(slot) * 100)} % of the requests fail at the ${cause}`,
        measure: { name: `${cause}_errors_per_second`, observed, expected: rates.expected(slot) },
        technique: undefined,
        blame: [],
        sinceMs: atMs - windowSeconds * 1000,
        atMs,
      });
    };
    const count = (place: number, failed: Cause | undefined, bin: number, atMs: number): void => {
      shares.add(place, bin);
      if (failed === undefined) return;
      const slot = place * causes.length + causes.indexOf(failed);
      shares.fail(slot);
      judge(slot, rates.add(slot, bin, 1), failed, atMs);
    };
    return {
      take: ({ observation, route }) => {
        const failed = causeOf(observation);
        // Of what our Check let pass the access log tells how it ended.
        if (observation.stage === 'decided' && failed === undefined) return;
        const bin = Math.floor(observation.atMs / binMs);
        begin(bin);
        count(0, failed, bin, observation.atMs);
        const place = placeOf(route, observation.route, bin);
        if (place > 0) count(place, failed, bin, observation.atMs);
      },
      tick: (nowMs) => {
        const bin = Math.floor((nowMs - 2000) / binMs);
        begin(bin);
        for (let slot = 0; slot < subjects.length * causes.length; slot += 1) {
          judge(slot, rates.pass(slot, bin), causes[slot % causes.length] ?? 'gateway', nowMs);
        }
      },
    };
  },
});

/** The share of failures by each cause in the last ten seconds or so, of each place. */
function openShares(places: number, causes: number) {
  const bins = new Uint32Array(places);
  const all = new Float32Array(places);
  const failed = new Float32Array(places * causes);
  const age = (place: number, passed: number): void => {
    const kept = passed > 8 ? 0 : 0.5 ** passed;
    all[place] = (all[place] ?? 0) * kept;
    for (let slot = place * causes; slot < (place + 1) * causes; slot += 1) failed[slot] = (failed[slot] ?? 0) * kept;
  };
  return {
    add: (place: number, bin: number): void => {
      const passed = bin - (bins[place] ?? 0);
      if (passed > 0) {
        age(place, passed);
        bins[place] = bin;
      }
      all[place] = (all[place] ?? 0) + 1;
    },
    fail: (slot: number): void => {
      failed[slot] = (failed[slot] ?? 0) + 1;
    },
    of: (slot: number): number => (failed[slot] ?? 0) / Math.max(1, all[Math.floor(slot / causes)] ?? 0),
  };
}
