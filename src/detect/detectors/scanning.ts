import type { Observation } from '../../core/observation.ts';
import { reasons } from '../../core/reason.ts';
import { openBuckets } from '../buckets.ts';
import { detectorKind } from '../detector.ts';
import { countSchema, durationSchema, openThresholds } from '../options.ts';

interface ScanningOptions {
  readonly paths: number;
  readonly leakMs: number;
  readonly networks: number;
}

/** Whether a request asked for what is not there, or not for it. Ours are counted when they are decided, the upstream's when they are over. */
function wasTurnedAway({ stage, reason, status = 0 }: Observation): boolean {
  if (stage === 'over')
    return (reason === undefined || reason === 'ok') && status >= 400 && status < 500 && status !== 429;
  // What a ban refuses says no more of the client than what it was banned for.
  if (reason === undefined || reason === 'ok' || reason === 'client_banned') return false;
  const { status: ours } = reasons[reason];
  // Who must log in, or asks too often, does not look for anything.
  return ours >= 400 && ours < 500 && ours !== 401 && ours !== 429;
}

/** Many paths from one network that get a 4xx, each counted once: somebody looks for what there may be. */
export const scanning = detectorKind<ScanningOptions>({
  description: 'One network asks for many paths that are not there, or not for it.',
  learns: false,
  schema: {
    paths: countSchema(
      'More different paths than so many, but for those that have leaked, are a scan. Default: 10.',
      2,
      200,
    ),
    leak: durationSchema('One path is forgotten in such a time. Default: 10s.'),
    networks: countSchema('Networks that are told apart. Default: 50000.', 100),
  },
  build: (raw, context) => {
    const read = openThresholds(raw, context);
    return {
      paths: read.number('paths', 10),
      leakMs: read.durationMs('leak', '10s', 1000),
      networks: read.number('networks', 50_000),
    };
  },
  open: ({ paths, leakMs, networks }, { hash, raise }) => {
    const buckets = openBuckets({ keys: networks, capacity: paths, leakMs, remembered: Math.max(16, paths) });
    return {
      take: ({ observation, network }) => {
        if (network.high === 0 || !wasTurnedAway(observation)) return;
        const { atMs } = observation;
        const count = buckets.pour(network, hash(observation.path), atMs);
        if (count === 0) return;
        raise({
          subject: { kind: 'network', name: observation.network },
          title: `${count} paths were asked for that are not there, or not for it`,
          measure: { name: 'distinct_paths', observed: count, expected: undefined },
          technique: 'T1595.003',
          blame: [{ kind: 'address', prefix: observation.network }],
          sinceMs: atMs,
          atMs,
        });
      },
      tick: () => {},
    };
  },
});
