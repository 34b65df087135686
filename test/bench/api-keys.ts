// node test/bench/api-keys.ts: what a keys file of 100,000 entries costs in memory and in time to load, and what a lookup
// costs in it and in one of 1,000. Every size has a process of its own, which loads the file as the sidecar does.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hashApiKey } from '../../src/authn/api-key/format.ts';
import { packKeys } from '../../src/authn/api-key/key-table.ts';
import { readKeysFile } from '../../src/authn/api-key/keys-file.ts';
import { mintApiKey } from '../../src/authn/index.ts';
import { compileOffline } from '../../src/cli/offline.ts';
import { recordReads } from '../../src/config/files/recording-reader.ts';
import { openConfig } from '../../src/config/open.ts';

/** What one process found out. */
interface Figures {
  readonly loadMs: number;
  /** Resident right after the load, and after the garbage has been collected. */
  readonly rssMiB: number;
  readonly settledMiB: number;
  readonly foundUs: number;
  readonly unknownUs: number;
}

const lookups = 200_000;
const mib = (): number => process.memoryUsage.rss() / 1024 ** 2;

function writeConfig(folder: string, count: number): string {
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      id: `k${index}`,
      hash: `sha256:${hash('sha256', randomBytes(32), 'hex')}`,
      owner: `customer${index}`,
      roles: ['reader', 'reporter'],
      plan: 'gold',
      expires: '2099-01-31',
    }),
  );
  writeFileSync(join(folder, `${count}.ndjson`), `${lines.join('\n')}\n`);
  const config = join(folder, `${count}.yaml`);
  writeFileSync(
    config,
    `version: 1
identity: { partners: { api_key: { keys_file: ${count}.ndjson } } }
rules: [{ id: all, match: { path: "/**" }, identity: [partners] }]
`,
  );
  return config;
}

async function settle(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
}

/** Runs in the child: loads the config, keeps what it compiles to, and looks keys up. */
async function measure(config: string): Promise<Figures> {
  const start = performance.now();
  const opening = openConfig(config, process.env, recordReads());
  const plan = compileOffline(opening);
  const loadMs = performance.now() - start;
  assert.ok(plan);
  const rssMiB = mib();
  await settle();
  const settledMiB = mib();

  const { key, entry } = mintApiKey({ owner: 'bench', roles: ['reader'], id: 'bench' });
  const bytes = Buffer.concat([readFileSync(config.replace('.yaml', '.ndjson')), Buffer.from(JSON.stringify(entry))]);
  const table = packKeys(
    readKeysFile({
      name: 'x.ndjson',
      bytes,
      document: assert.fail,
      issue: assert.fail,
      issueAt: assert.fail,
    }),
  );
  const time = (of: string): number => {
    for (let index = 0; index < 1000; index += 1) table.find(hashApiKey(of));
    const from = performance.now();
    for (let index = 0; index < lookups; index += 1) table.find(hashApiKey(of));
    return ((performance.now() - from) * 1000) / lookups;
  };
  const figures = { loadMs, rssMiB, settledMiB, foundUs: time(key), unknownUs: time(`${key}x`) };
  plan.close();
  return figures;
}

const [asked] = process.argv.slice(2);
if (asked === undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-keys-'));
  const run = (count: number): Figures => {
    const config = writeConfig(folder, count);
    const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', import.meta.filename, config], {
      encoding: 'utf8',
    });
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout);
  };
  const figures = [1, 1_000, 100_000].map((count) => [count, run(count)] as const);
  const [, least] = figures[0] ?? [];
  for (const [count, { loadMs, rssMiB, settledMiB, foundUs, unknownUs }] of figures) {
    const size = statSync(join(folder, `${count}.ndjson`)).size / 1024 ** 2;
    const grown = (now: number, before = now): string => `${(now - before).toFixed(1)} MiB`;
    console.log(
      [
        `${count} keys (${size.toFixed(1)} MiB): load ${loadMs.toFixed(0)} ms`,
        `memory +${grown(rssMiB, least?.rssMiB)} after the load, +${grown(settledMiB, least?.settledMiB)} settled`,
        `lookup ${foundUs.toFixed(2)} µs known, ${unknownUs.toFixed(2)} µs unknown`,
      ].join('; '),
    );
  }
  rmSync(folder, { recursive: true });
} else {
  console.log(JSON.stringify(await measure(asked)));
}
