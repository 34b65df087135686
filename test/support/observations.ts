import type { Observation } from '../../src/core/observation.ts';

/** An observation of an allowed request, but for what differs. */
export const observationOf = (differs: Partial<Observation>): Observation => ({
  stage: 'decided',
  atMs: Date.UTC(2026, 0, 15),
  network: '203.0.113.7',
  principal: undefined,
  guess: undefined,
  route: 'orders',
  reason: 'ok',
  path: '/orders',
  status: undefined,
  upstreamFailed: false,
  bytesOut: 0,
  ...differs,
});
