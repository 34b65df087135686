import type { Sight, Sign } from '../../../src/detect/detector.ts';
import { openClients } from '../../../src/detect/detectors/surges.ts';
import { observationOf } from '../../support/observations.ts';
import { clientTraffic, dayBins } from './client-traffic.ts';

/** How well surges of clients were found. */
export interface SurgeScore {
  readonly surges: number;
  readonly found: number;
  readonly recall: number;
  /** Seconds from the beginning of a surge until it was told of; the 95th percentile of those that were found. */
  readonly delay95: number;
  readonly falseAlerts: number;
  readonly falsePerClientWeek: number;
}

const binMs = 5000;
const startMs = Date.UTC(2026, 0, 5);
/** Findings of one subject that are so close are one, as they are for whoever is told. */
const quietMs = 60_000;
const cooldownMs = 300_000;

/** Plays days of clients in fast time, and scores what is told after the first day. */
export function scoreSurges(seed: number, clients: number, days: number): SurgeScore {
  const delays: number[] = [];
  let surges = 0;
  let falseAlerts = 0;
  for (let client = 0; client < clients; client += 1) {
    const traffic = clientTraffic(seed * 1000 + client, days);
    const alerts = alertsOf(traffic.counts, client).filter((atMs) => atMs > startMs + dayBins * binMs);
    const unexplained = new Set(alerts);
    surges += traffic.surges.length;
    for (const { fromBin, toBin } of traffic.surges) {
      const fromMs = startMs + fromBin * binMs;
      const untilMs = startMs + toBin * binMs + 2 * binMs;
      // What ends is a fall: the minutes after a surge belong to it.
      for (const atMs of alerts) if (atMs >= fromMs && atMs <= untilMs + 900_000) unexplained.delete(atMs);
      const first = alerts.find((atMs) => atMs >= fromMs && atMs <= untilMs);
      if (first !== undefined) delays.push((first - fromMs) / 1000);
    }
    falseAlerts += unexplained.size;
  }
  delays.sort((one, other) => one - other);
  return {
    surges,
    found: delays.length,
    recall: delays.length / surges,
    delay95: delays[Math.floor(delays.length * 0.95)] ?? Number.NaN,
    falseAlerts,
    falsePerClientWeek: (falseAlerts / clients / (days - 1)) * 7,
  };
}

/** When the beginning of a finding was told of. */
function alertsOf(counts: Uint16Array, client: number): readonly number[] {
  const alerts: number[] = [];
  let lastMs = -Infinity;
  const raise = ({ atMs }: Sign): void => {
    if (atMs - lastMs > quietMs + cooldownMs) alerts.push(atMs);
    lastMs = atMs;
  };
  const rates = openClients({ ratio: 2, least: 20, scales: 2.8, drops: true, clients: 8 }, { raise });
  const observation = { ...observationOf({}), atMs: 0 };
  const sight: Sight = {
    observation,
    network: { low: client, high: 1 },
    principal: { low: 0, high: 0 },
    route: 1,
  };
  for (const [bin, count] of counts.entries()) {
    observation.atMs = startMs + bin * binMs + 1;
    if (count > 0) rates.count(sight, count);
    // A request of the next bin comes soon after its beginning; where none does, time goes on.
    rates.tick(observation.atMs + 2000);
  }
  return alerts;
}
