// npm run bench [-- --quick] [-- --json FILE]: Check calls a second and latency, direct and through Envoy, with the same
// Envoy without the check beside them. Rounds are interleaved; a figure is the median of its rounds.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { drive, type Load, type Measured } from './h2load.ts';
import { type Bench, startBench } from './subjects.ts';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const rounds = options.quick ? 1 : 3;
const requests = options.quick ? 20_000 : 60_000;
const fixedRate = 1000;

interface Subject {
  readonly subject: string;
  readonly load: (bench: Bench) => Omit<Load, 'requests'>;
}

const direct = ({ grpc, message }: Bench): Pick<Load, 'url' | 'headers' | 'body'> => ({
  url: grpc,
  headers: { 'content-type': 'application/grpc', te: 'trailers' },
  body: message,
});
const through = ({ checked, authorization }: Bench): Pick<Load, 'url' | 'headers'> => ({
  url: checked,
  headers: { authorization },
});
const without = ({ plain, authorization }: Bench): Pick<Load, 'url' | 'headers'> => ({
  url: plain,
  headers: { authorization },
});

const subjects: readonly Subject[] = [
  { subject: 'Check, direct', load: (bench) => ({ ...direct(bench), clients: 4, streams: 25 }) },
  {
    subject: 'Check, direct, 1000/s',
    load: (bench) => ({ ...direct(bench), clients: 4, streams: 25, rate: fixedRate }),
  },
  { subject: 'Envoy with the check', load: (bench) => ({ ...through(bench), clients: 4, streams: 16 }) },
  {
    subject: 'Envoy with the check, 1000/s',
    load: (bench) => ({ ...through(bench), clients: 4, streams: 16, rate: fixedRate }),
  },
  { subject: 'Envoy alone', load: (bench) => ({ ...without(bench), clients: 4, streams: 16 }) },
  {
    subject: 'Envoy alone, 1000/s',
    load: (bench) => ({ ...without(bench), clients: 4, streams: 16, rate: fixedRate }),
  },
];

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

async function measureAll(bench: Bench): Promise<ReadonlyMap<string, readonly Measured[]>> {
  const seen = new Map<string, Measured[]>(subjects.map(({ subject }) => [subject, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { subject, load } of subjects) {
      const asked = load(bench);
      const before = await bench.allowed();
      const count = asked.rate === undefined ? requests : asked.rate * (options.quick ? 3 : 8);
      seen.get(subject)?.push(await drive({ ...asked, requests: count }));
      const allowed = (await bench.allowed()) - before;
      const wanted = asked.url === bench.plain ? 0 : count;
      if (allowed !== wanted) throw new Error(`${subject}: ${allowed} calls were allowed, not ${wanted}`);
    }
  }
  return seen;
}

const bench = await startBench();
try {
  // Compiled code and warm connections are what is measured, not the way there.
  for (const { load } of subjects) await drive({ ...load(bench), requests: 2000 });
  const seen = await measureAll(bench);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`;
  const runs = [...seen].map(([subject, all]) => ({
    subject,
    callsPerSecond: Math.round(median(all.map(({ perSecond }) => perSecond))),
    p50Ms: median(all.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(all.map(({ p99Ms }) => p99Ms)),
  }));
  console.log(`${machine}; JWT, permission, limit in memory, 1 % of allows audited; medians of ${rounds}\n`);
  console.table(runs);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine, runs }, null, 2)}\n`);
} finally {
  await bench.stop();
}
