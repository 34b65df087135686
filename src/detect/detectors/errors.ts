import type { FindingSubject } from '../../core/finding.ts';
import type { Observation } from '../../core/observation.ts';
import { reasons } from '../../core/reason.ts';
import { detectorKind } from '../detector.ts';
import { countSchema, numberSchema, openThresholds } from '../options.ts';
import { binMs, openRates, windowSeconds } from '../rates.ts';

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
    const shares = openShares(size);
    const subjects: FindingSubject[] = [{ kind: 'global', name: '' }];
    const places = new Map<string, number>();
    const placeOf = (route: string): number => {
      const known = places.get(route);
      if (known !== undefined || subjects.length > routesMost) return known ?? -1;
      places.set(route, subjects.length);
      return subjects.push({ kind: 'route', name: route }) - 1;
    };
    const start = (slot: number, bin: number): void => {
      if (shares.begin(slot)) rates.clear(slot, bin);
    };
    const judge = (slot: number, level: number, cause: Cause, atMs: number): void => {
      const subject = subjects[Math.floor(slot / causes.length)];
      if (level <= 0 || subject === undefined || shares.of(slot) < share) return;
      const observed = rates.observed(slot);
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
      if (place < 0) return;
      for (const [index, cause] of causes.entries()) {
        const slot = place * causes.length + index;
        start(slot, bin);
        shares.add(slot, bin, failed === cause);
        if (failed === cause) judge(slot, rates.add(slot, bin, 1), cause, atMs);
      }
    };
    return {
      take: ({ observation }) => {
        const failed = causeOf(observation);
        // Of what our Check let pass the access log tells how it ended.
        if (observation.stage === 'decided' && failed === undefined) return;
        const bin = Math.floor(observation.atMs / binMs);
        count(0, failed, bin, observation.atMs);
        count(placeOf(observation.route), failed, bin, observation.atMs);
      },
      tick: (nowMs) => {
        const bin = Math.floor((nowMs - 2000) / binMs);
        for (let slot = 0; slot < subjects.length * causes.length; slot += 1) {
          start(slot, bin);
          judge(slot, rates.pass(slot, bin), causes[slot % causes.length] ?? 'gateway', nowMs);
        }
      },
    };
  },
});

/** The share of failures in the last ten seconds or so, of each series. */
function openShares(size: number) {
  const begun = new Uint8Array(size);
  const bins = new Uint32Array(size);
  const failed = new Float32Array(size);
  const all = new Float32Array(size);
  return {
    /** Whether the series is new. */
    begin: (slot: number): boolean => {
      if (begun[slot] === 1) return false;
      begun[slot] = 1;
      return true;
    },
    add: (slot: number, bin: number, isFailure: boolean): void => {
      const passed = bin - (bins[slot] ?? 0);
      if (passed > 0) {
        const kept = passed > 8 ? 0 : 0.5 ** passed;
        failed[slot] = (failed[slot] ?? 0) * kept;
        all[slot] = (all[slot] ?? 0) * kept;
        bins[slot] = bin;
      }
      all[slot] = (all[slot] ?? 0) + 1;
      if (isFailure) failed[slot] = (failed[slot] ?? 0) + 1;
    },
    of: (slot: number): number => (failed[slot] ?? 0) / Math.max(1, all[slot] ?? 0),
  };
}
