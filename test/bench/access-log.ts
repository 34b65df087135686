// Envoy's access log: what an entry costs the thread that takes it, in CPU time, so that a busy machine does not count.
// `node test/bench/access-log.ts`
import { parseArgs } from 'node:util';
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

interface Cost {
  readonly name: string;
  readonly medianUs: number;
  readonly leastUs: number;
}

function costOf(name: string, take: (message: Uint8Array) => void): Cost {
  const costs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = spentUs();
    for (const message of messages) take(message);
    costs.push((spentUs() - before) / entriesARound);
  }
  // The first fifth warms up.
  const sorted = costs.slice(Math.floor(rounds / 5)).toSorted((one, other) => one - other);
  return { name, medianUs: sorted[Math.floor(sorted.length / 2)] ?? 0, leastUs: sorted[0] ?? 0 };
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

process.stdout.write(`${entriesEach} entries a message, ${bytesAnEntry.toFixed(0)} bytes an entry\n`);
for (const { name, medianUs, leastUs } of [costOf('decode', decode), costOf('decode + count', count)])
  process.stdout.write(`${name.padEnd(32)} median ${medianUs.toFixed(2)} us  least ${leastUs.toFixed(2)} us\n`);
if (sink === 0) throw new Error('nothing was decoded');
