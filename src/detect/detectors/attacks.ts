import { openBuckets } from '../buckets.ts';
import { blameOf, detectorKind } from '../detector.ts';
import { countSchema, durationSchema, openThresholds } from '../options.ts';

interface AttackOptions {
  readonly findings: number;
  readonly leakMs: number;
  readonly clients: number;
}

/** One client, a principal or else a network, whose requests look like attacks again and again. */
export const attacks = detectorKind<AttackOptions>({
  description: 'One client whose requests are refused as attacks again and again.',
  learns: false,
  schema: {
    findings: countSchema(
      'More attacks than so many, but for those that have leaked, are a burst. Default: 5.',
      1,
      10_000,
    ),
    leak: durationSchema('One attack is forgotten in such a time. Default: 10s.'),
    clients: countSchema('Clients that are told apart. Default: 50000.', 100),
  },
  build: (raw, context) => {
    const read = openThresholds(raw, context);
    return {
      findings: read.number('findings', 5),
      leakMs: read.durationMs('leak', '10s', 1000),
      clients: read.number('clients', 50_000),
    };
  },
  open: ({ findings, leakMs, clients }, { raise }) => {
    const buckets = openBuckets({ keys: clients, capacity: findings, leakMs, remembered: 0 });
    return {
      take: ({ observation, network, principal }) => {
        if (observation.reason !== 'attack_detected' || observation.stage !== 'decided') return;
        const key = principal.high === 0 ? network : principal;
        if (key.high === 0) return;
        const { atMs, principal: name } = observation;
        const count = buckets.pour(key, 0, atMs);
        if (count === 0) return;
        raise({
          subject: name === undefined ? { kind: 'network', name: observation.network } : { kind: 'principal', name },
          title: `${count} requests that look like attacks`,
          measure: { name: 'attacks', observed: count, expected: undefined },
          technique: 'T1190',
          blame: blameOf(observation),
          sinceMs: atMs,
          atMs,
        });
      },
      tick: () => {},
    };
  },
});
