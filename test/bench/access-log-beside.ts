// Whether the access log leaves decisions alone: Check calls at a steady rate, in turns with and without entries of the access log
// beside them, which another process sends and the sidecar counts and writes. A turn without stands before and behind each one with, so
// that what the machine does besides meets both. `node test/bench/access-log-beside.ts [--rounds 7] [--seconds 4] [--calls 1000] [--entries 5000]`
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkMessage } from '../support/check-messages.ts';
import { startSidecarProcess } from '../support/sidecar.ts';
import { drive, type Measured } from './h2load.ts';
import { framed } from './subjects.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '4' },
    calls: { type: 'string', default: '1000' },
    entries: { type: 'string', default: '5000' },
  },
});
const [rounds, seconds, calls] = [Number(values.rounds), Number(values.seconds), Number(values.calls)];

const folder = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
const sidecar = await startSidecarProcess({
  config: `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0", access_log: "127.0.0.1:0" }
limits: { each: { key: client.address, rate: 900000000/s } }
rules: [{ id: orders, match: { path: /orders }, allow: anonymous, limits: [each] }]
audit: { allow: { sample: 0.01 } }
access_log: { sinks: [{ file: { path: ${JSON.stringify(join(folder, 'access.jsonl'))}, max_bytes: 64MiB, keep: 1 } }] }
telemetry: { log_level: info }
`,
});
const load = fork(join(import.meta.dirname, 'access-log-load.ts'), [sidecar.accessLog, values.entries]);
await once(load, 'message');

const turn = (): Promise<Measured> =>
  drive({
    url: `http://${sidecar.grpc}/envoy.service.auth.v3.Authorization/Check`,
    headers: { 'content-type': 'application/grpc', te: 'trailers' },
    body: framed(checkMessage({ path: '/orders' })),
    clients: 4,
    streams: 25,
    rate: calls,
    requests: calls * seconds,
  });
let besideMs = 0;
const turnBeside = async (): Promise<Measured> => {
  const startMs = performance.now();
  load.send('on');
  const measured = await turn();
  load.send('off');
  besideMs += performance.now() - startMs;
  return measured;
};
const median = (numbers: readonly number[]): number =>
  numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
const entriesSoFar = (): Promise<number> => sidecar.metric('portcullis_access_log_entries_total');

try {
  // Compiled code and warm connections are what is measured, not the way there.
  await turn();
  await turnBeside();
  const seen: { readonly alone: number; readonly beside: number; readonly p50: readonly [number, number] }[] = [];
  const entriesBefore = await entriesSoFar();
  besideMs = 0;
  let before = await turn();
  for (let round = 0; round < rounds; round += 1) {
    const beside = await turnBeside();
    const after = await turn();
    const p50 = [(before.p50Ms + after.p50Ms) / 2, beside.p50Ms] as const;
    seen.push({ alone: (before.p99Ms + after.p99Ms) / 2, beside: beside.p99Ms, p50 });
    before = after;
  }
  const entries = ((await entriesSoFar()) - entriesBefore) / (besideMs / 1000);
  const dropped = await sidecar.metric('portcullis_access_log_records_total{sink="file",outcome="dropped"}');
  const shown = (ms: number): string => `${ms.toFixed(2)} ms`;
  const ratios = seen.map(({ alone, beside }) => beside / alone);
  console.log(
    `${calls} Check calls/s, ${entries.toFixed(0)} entries/s beside them, ${dropped} records dropped, ${rounds} rounds of ${seconds} s; medians`,
  );
  console.log(
    `p50 without ${shown(median(seen.map(({ p50 }) => p50[0])))}  with ${shown(median(seen.map(({ p50 }) => p50[1])))}`,
  );
  console.log(
    `p99 without ${shown(median(seen.map(({ alone }) => alone)))}  with ${shown(median(seen.map(({ beside }) => beside)))}`,
  );
  console.log(`p99 ratio ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`);
} finally {
  load.disconnect();
  await sidecar.stop();
  rmSync(folder, { recursive: true, force: true });
}
