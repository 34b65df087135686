import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { silentContext } from '../../../src/core/build.ts';
import type { Observation } from '../../../src/core/observation.ts';
import { silentLog } from '../../../src/core/ports.ts';
import { detectors } from '../../../src/detect/detectors/index.ts';
import { buildDetection, openDetection } from '../../../src/detect/index.ts';
import { observationOf } from '../../support/observations.ts';

/** What all detectors together cost. */
export interface Cost {
  /** Microseconds of one observation, and of a request: one when it is decided and one when it is over. */
  readonly observationUs: number;
  readonly requestUs: number;
  /** Bytes more than before detection was opened, after requests from so many addresses. */
  readonly bytesAt100k: number;
  readonly bytesAt1M: number;
}

// Without a collection, what is garbage by chance would be measured.
setFlagsFromString('--expose-gc');
const gc: unknown = runInNewContext('gc');

const collect = (): number => {
  if (typeof gc === 'function') gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const addressOf = (index: number): string => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;

/** Measures it: requests of a hundred thousand addresses, then of a million. */
export function measureCost(): Cost {
  let nowMs = Date.UTC(2026, 0, 15);
  const before = collect();
  const detection = openDetection({
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    timers: { after: () => () => {} },
    log: silentLog,
    bans: { ban: () => Promise.resolve(undefined) },
    listener: { found: () => {} },
    acted: () => {},
    newId: () => 'a',
    seed: 1,
  });
  detection.adjust(buildDetection(Object.fromEntries(Object.keys(detectors).map((name) => [name, {}])), silentContext));
  const decided = (index: number): Observation => {
    const refused = index % 50 === 0;
    return observationOf({
      atMs: nowMs,
      network: addressOf(index),
      principal: refused ? undefined : `idp/user-${index % 20_000}`,
      reason: refused ? 'api_key_unknown' : 'ok',
      guess: refused ? index : undefined,
      route: `route-${index % 40}`,
      path: '/orders',
    });
  };
  const over = (index: number): Observation =>
    observationOf({
      ...decided(index),
      stage: 'over',
      guess: undefined,
      reason: 'ok',
      status: index % 30 === 0 ? 404 : 200,
      path: `/orders/${index % 1000}`,
      bytesOut: 2000,
    });
  const play = (addresses: number): number => {
    const made: Observation[] = [];
    let spentMs = 0;
    for (let from = 0; from < addresses; from += 1000) {
      made.length = 0;
      for (let index = from; index < from + 1000; index += 1) made.push(decided(index), over(index));
      const start = process.cpuUsage();
      for (const one of made) detection.take(one);
      const { user, system } = process.cpuUsage(start);
      spentMs += (user + system) / 1000;
      nowMs += 200;
    }
    return (spentMs * 1000) / addresses;
  };
  play(100_000);
  const requestUs = play(100_000);
  const bytesAt100k = collect() - before;
  play(1_000_000);
  const bytesAt1M = collect() - before;
  detection.close();
  return { observationUs: requestUs / 2, requestUs, bytesAt100k, bytesAt1M };
}
