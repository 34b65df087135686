// Envoy's access log: what an entry costs the thread that takes it, in CPU time, so that a busy machine does not count.
// `node test/bench/access-log.ts`
import { parseArgs } from 'node:util';
import { compileEncoder } from '../../src/access-log/encoder.ts';
import { openTraffic } from '../../src/access-log/traffic.ts';
import { fromAccessLogMessage } from '../../src/wire/access-log-message.ts';
import { accessMessages } from '../support/access-messages.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '60' } } });
const rounds = Number(values.rounds);
const entriesEach = 20;
const messages = accessMessages(200, entriesEach);
const entriesARound = messages.length * entriesEach;
const bytesAnEntry = messages.reduce((sum, { length }) => sum + length, 0) / entriesARound;

/** Microseconds of CPU of this thread so far. */
function spentUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Microseconds of an entry. */
function costOf(take: (message: Uint8Array) => unknown): number {
  const before = spentUs();
  for (const message of messages) take(message);
  return (spentUs() - before) / entriesARound;
}

let sink = 0;
const decode = (message: Uint8Array) => {
  const entries = fromAccessLogMessage(message) ?? [];
  sink += entries.length;
  return entries;
};
const traffic = openTraffic({ clients: 200, routes: 500 });
const count = (message: Uint8Array) => {
  const entries = decode(message);
  for (const entry of entries) traffic.take(entry);
  return entries;
};

const encoder = compileEncoder({ erase: [], replace: [] });
const write = (message: Uint8Array): void => {
  for (const entry of count(message)) sink += encoder.line(entry).length;
};

process.stdout.write(`${entriesEach} entries a message, ${bytesAnEntry.toFixed(0)} bytes an entry\n`);
const cases = { decode, 'decode + count': count, 'decode + count + line': write } as const;
const costs = new Map<string, number[]>();
// In turns, so that what the machine does besides meets all of them. Compiled code is what is measured.
for (let round = -10; round < rounds; round += 1) {
  for (const [name, take] of Object.entries(cases)) {
    const cost = costOf(take);
    if (round >= 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
  }
}
for (const [name, all] of costs) {
  const sorted = all.toSorted((one, other) => one - other);
  const [least = 0, median = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)]];
  process.stdout.write(`${name.padEnd(24)} median ${median.toFixed(2)} us  least ${least.toFixed(2)} us\n`);
}
if (sink === 0) throw new Error('nothing was decoded');
