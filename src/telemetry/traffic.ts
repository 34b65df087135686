import type { AccessLogCounts } from '../core/ports.ts';
import { causes, type NamedTally, statusClasses, unpackTraffic } from '../core/traffic.ts';
import type { Cell, Cells } from './cells.ts';

const noCounts = new Float64Array(0);

const split = (names: readonly string[], values: Float64Array, name: string): readonly Cell[] =>
  names.flatMap((label, index) => {
    const value = values[index] ?? 0;
    return value === 0 ? [] : [{ labels: [name, label], value, counts: noCounts }];
  });

/** Puts what another thread has counted of Envoy's access log in the place of what it had counted before. */
export function countAccess(cells: Cells, { messages, undecodable, entries, traffic, records }: AccessLogCounts): void {
  cells.set('accessLogMessages', ['taken'], messages - undecodable);
  cells.set('accessLogMessages', ['undecodable'], undecodable);
  cells.set('accessLogEntries', [], entries);
  for (const { sink, written, dropped, failed } of records) {
    cells.set('accessLogRecords', [sink, 'written'], written);
    cells.set('accessLogRecords', [sink, 'dropped'], dropped);
    cells.set('accessLogRecords', [sink, 'failed'], failed);
  }
  // Told every second, and looked at four times a minute.
  cells.defer('traffic', () => {
    const { clients, routes } = unpackTraffic(traffic);
    loadTallies(cells, 'client', clients);
    loadTallies(cells, 'route', routes);
  });
}

function loadTallies(cells: Cells, of: 'client' | 'route', tallies: readonly NamedTally[]): void {
  const busy = tallies.filter(([, { requests }]) => requests.some((count) => count > 0));
  cells.load(
    `${of}Requests`,
    busy.flatMap(([name, tally]) => split(statusClasses, tally.requests, name)),
  );
  cells.load(
    `${of}Errors`,
    busy.flatMap(([name, tally]) => split(causes, tally.errors, name)),
  );
  cells.load(
    `${of}Bytes`,
    busy.flatMap(([name, { bytesIn, bytesOut }]) => split(['in', 'out'], Float64Array.of(bytesIn, bytesOut), name)),
  );
  cells.load(
    `${of}Duration`,
    busy.map(([name, { durations, durationSeconds }]) => ({
      labels: [name],
      value: durationSeconds,
      counts: durations,
    })),
  );
}
