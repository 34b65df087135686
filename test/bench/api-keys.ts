// node test/bench/api-keys.ts: what keys in a file cost. For several sizes: how much larger a sidecar is that serves them
// than one that serves a single key, how long its event loop is held up while it reloads them, and how many of the calls
// that come meanwhile are lost, which is: not allowed within the 200 ms that Envoy waits by default. And what a lookup costs.
import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { authenticators, mintApiKey } from '../../src/authn/index.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { authnDeps, never, openTime } from '../support/authn.ts';
import { type CheckClient, connectCheck } from '../support/check-client.ts';
import { recordIssues } from '../support/recording-context.ts';
import { aRequest } from '../support/requests.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

/** A keys file: its name says of which kind it is. */
interface Size {
  readonly name: string;
  readonly count: number;
}
const sizes: readonly Size[] = [
  { name: 'keys.ndjson', count: 1 },
  { name: 'keys.ndjson', count: 100_000 },
  { name: 'keys.yaml', count: 1 },
  { name: 'keys.yaml', count: 5_000 },
];

/** What the process says of itself: see loop-probe.ts. */
interface Probed {
  readonly stallMs: number;
  readonly rssMiB: number;
}

const [reloads, settleMs, everyMs, patienceMs] = [3, 12_000, 5, 200];
const caller = mintApiKey({ owner: 'bench', roles: ['reader'], id: 'bench' });

/** So many entries, the caller's the last; other keys at each call. */
function keysText({ name, count }: Size): string {
  const entries = Array.from({ length: count - 1 }, (_, index) => ({
    id: `k${index}`,
    hash: `sha256:${hash('sha256', randomBytes(32), 'hex')}`,
    owner: `customer${index}`,
    roles: ['reader', 'reporter'],
    plan: 'gold',
    expires: '2099-01-31',
  }));
  const all = [...entries, { ...caller.entry, plan: randomBytes(8).toString('hex') }];
  if (name.endsWith('.ndjson')) return all.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const inYaml = all.map((entry) =>
    Object.entries(entry).map(([key, value], at) => `${at === 0 ? '- ' : '  '}${key}: ${JSON.stringify(value)}\n`),
  );
  return `keys:\n${inYaml.flat().join('')}`;
}

const configOf = (keysFile: string): string => `version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
audit: { allow: { sample: 0 } }
identity: { partners: { api_key: { keys_file: ${keysFile} } } }
rules: [{ id: all, match: { path: "/**" }, identity: [partners] }]
`;

async function probe({ child }: SidecarProcess): Promise<Probed> {
  const lines = (): readonly string[] => child.output().match(/^probe .*$/gm) ?? [];
  const before = lines().length;
  child.signal('SIGUSR2');
  await waitFor({ what: 'the probe answers', holds: async () => lines().length > before, child });
  return JSON.parse((lines().at(-1) ?? '').slice('probe '.length));
}

const versionOf = async (sidecar: SidecarProcess): Promise<string> =>
  JSON.parse((await sidecar.page('/readyz')).body).reload.version;

const ask = async (client: CheckClient): Promise<boolean> => {
  const headers = { 'x-api-key': caller.key };
  return client.check({ headers, deadlineMs: patienceMs }).then(
    ({ status }) => status === 200,
    () => false,
  );
};

/** Calls at a steady rate while something happens; how many were lost. */
async function underLoad(client: CheckClient, happens: () => Promise<void>) {
  const answers: Promise<boolean>[] = [];
  const timer = setInterval(() => answers.push(ask(client)), everyMs);
  await happens();
  await pause(500);
  clearInterval(timer);
  const good = await Promise.all(answers);
  return { calls: good.length, lost: good.filter((allowed) => !allowed).length };
}

/** A sidecar that serves a keys file of the size, its size at rest, and what reloads of as many other keys do to it. */
async function measure(size: Size) {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-keys-'));
  const file = join(folder, 'portcullis.yaml');
  await writeFile(file, configOf(size.name));
  await writeFile(join(folder, size.name), keysText(size));
  const started = performance.now();
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'loop-probe.ts'))}` };
  const sidecar = await startSidecarProcess({ config: { file }, env });
  const startMs = performance.now() - started;
  const client = await connectCheck(sidecar.grpc);
  try {
    await underLoad(client, () => pause(1500));
    await pause(settleMs);
    const { rssMiB } = await probe(sidecar);
    let [stallMs, calls, lost] = [0, 0, 0];
    for (let turn = 0; turn < reloads; turn += 1) {
      const version = await versionOf(sidecar);
      await writeFile(join(folder, 'new'), keysText(size));
      await probe(sidecar);
      const seen = await underLoad(client, async () => {
        await rename(join(folder, 'new'), join(folder, size.name));
        await waitFor({
          what: 'the new keys',
          holds: async () => (await versionOf(sidecar)) !== version,
          boundMs: 120_000,
        });
      });
      stallMs = Math.max(stallMs, (await probe(sidecar)).stallMs);
      [calls, lost] = [calls + seen.calls, lost + seen.lost];
    }
    await pause(settleMs);
    return { startMs, rssMiB, stallMs, calls, lost, reloadedMiB: (await probe(sidecar)).rssMiB };
  } finally {
    client.close();
    await sidecar.stop();
    await rm(folder, { recursive: true });
  }
}

/** Microseconds that it takes to authenticate by a key, in a table of the size. */
async function authenticationUs(size: Size, key: string): Promise<number> {
  const { context } = recordIssues({ [size.name]: keysText(size) });
  const partners = authenticators.api_key.build('p', { keys_file: size.name }, context, authnDeps(openTime()));
  const request = aRequest({ headers: { 'x-api-key': key } });
  const rounds = 100_000;
  let from = 0;
  for (let round = -1000; round < rounds; round += 1) {
    if (round === 0) from = performance.now();
    await partners.authenticate(request, never);
  }
  return ((performance.now() - from) * 1000) / rounds;
}

let least: Awaited<ReturnType<typeof measure>> | undefined;
for (const size of sizes) {
  const found = await measure(size);
  if (size.count === 1) least = found;
  assert.ok(least);
  const grown = (now: number, before: number): string => `+${(now - before).toFixed(1)} MiB`;
  console.log(
    [
      `${size.count} keys in ${size.name}: listens after ${found.startMs.toFixed(0)} ms`,
      `memory ${grown(found.rssMiB, least.rssMiB)} at rest, ${grown(found.reloadedMiB, least.reloadedMiB)} after ${reloads} reloads`,
      `longest stall in a reload ${found.stallMs.toFixed(0)} ms, ${found.lost} of ${found.calls} calls lost`,
    ].join('; '),
  );
}
const [one = sizes[0], many = sizes[1]] = sizes;
assert.ok(one && many);
for (const size of [one, many]) {
  const [known, unknown] = [await authenticationUs(size, caller.key), await authenticationUs(size, `${caller.key}x`)];
  console.log(
    `${size.count} keys: ${known.toFixed(1)} µs for a known key, ${unknown.toFixed(1)} µs for one with a typo`,
  );
}
