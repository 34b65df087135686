import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { authnDeps, openTime } from '../../test/support/authn.ts';
import { noFeeds } from '../../test/support/feeds.ts';
import { aSubject } from '../../test/support/requests.ts';
import type { KeySets } from '../authn/index.ts';
import { mintApiKey } from '../authn/index.ts';
import { FileUnread } from '../config/aside/run.ts';
import { type CheckAside, checkOnThread } from '../config/contracts/aside.ts';
import { type ReadAside, readOnThread } from '../config/keys/aside.ts';
import { openConfig } from '../config/open.ts';
import { noBans } from '../core/ban.ts';
import { systemClock } from '../core/clock.ts';
import { type Log, silentLog } from '../core/ports.ts';
import { inlinePool } from '../inspect/index.ts';
import { algorithms } from '../limit/index.ts';
import { createMemoryStore } from '../store/index.ts';
import { holdPlan, type LoadReport } from './plan-holder.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-holder-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'portcullis.yaml');

// The key set is resolved after the config was read and before the keys file is.
const configOf = (rule: string): string => `
version: 1
identity:
  users: { jwt: { issuer: "https://idp.example", audience: [a], algorithms: [ES256], jwks: { url: "https://idp.example" } } }
  partners: { api_key: { keys_file: keys.yaml } }
rules: [{ id: ${rule}, match: { path: /a }, identity: [users, partners] }]
`;
const entries = new Map<string, object>();
function write(name: string): void {
  const entry = entries.get(name) ?? mintApiKey({ owner: name, roles: [] }).entry;
  entries.set(name, entry);
  writeFileSync(file, configOf(name));
  writeFileSync(join(folder, 'keys.yaml'), stringify({ keys: [entry] }));
}

/** A holder of the config "first", and what happens in the middle of each reading. */
async function harness(log: Log = silentLog, readAside: ReadAside = assert.fail, checkAside: CheckAside = assert.fail) {
  write('first');
  const middle = { happens: (): void => {} };
  const keySets: KeySets = {
    resolve: () => {
      middle.happens();
      return { find: () => ({ kind: 'unavailable' }), ready: () => true };
    },
    start: () => {},
    retain: () => {},
    close: () => {},
  };
  const store = createMemoryStore({ algorithms, clock: systemClock, maxKeys: 10 });
  const deps = {
    ...authnDeps(openTime()),
    clock: systemClock,
    log,
    keySets,
    store,
    local: store,
    inspection: inlinePool,
    feeds: noFeeds,
    bans: noBans,
  };
  const opening = openConfig(file, {});
  const { settings } = opening;
  assert.ok(settings);
  const reports: LoadReport[] = [];
  const onLoad = (report: LoadReport): void => void reports.push(report);
  const aside = { readAside, checkAside, compileAside: assert.fail };
  const holder = await holdPlan(opening, { file, env: {}, settings, deps, log, ...aside, onLoad });
  assert.ok(holder);
  return { holder, reports, middle, deps };
}

test('files that are replaced together in the middle of a reading never make one plan', async () => {
  const { holder, reports, middle } = await harness();
  write('second');
  middle.happens = () => {
    middle.happens = () => {};
    write('third');
  };
  await holder.reload('file');
  assert.deepEqual(
    holder.plan().rules.map(({ id }) => id),
    ['third'],
  );
  // A plan of two would be replaced now.
  const { version } = holder.plan();
  await holder.reload('file');
  assert.equal(holder.plan().version, version);
  assert.deepEqual(
    reports.map(({ outcome, trigger }) => `${outcome} ${trigger}`),
    ['ok start', 'ok file'],
  );
});

test('a config that never stands still changes nothing and is told of', async () => {
  const told: string[] = [];
  const { holder, reports, middle } = await harness({ ...silentLog, warn: (_, message) => told.push(message) });
  const { version } = holder.plan();
  let count = 0;
  middle.happens = () => {
    count += 1;
    write(`rule-${count}`);
  };
  await holder.reload('signal');
  assert.equal(holder.plan().version, version);
  assert.equal(reports.length, 1);
  assert.match(told[0] ?? '', /changes while it is being read/);
});

test('what takes effect at the next start is told of, and nothing else is', async () => {
  const told: unknown[] = [];
  const { holder } = await harness({ ...silentLog, warn: (fields) => told.push(fields) });
  write('second');
  await holder.reload('file');
  assert.deepEqual(told, []);
  const later = `
listen: { access_log: "127.0.0.1:9194" }
access_log: { sample: 0.1 }
bans: { webhooks: [{ url: "https://hooks.example/" }] }
inspection: { threads: 7 }
`;
  writeFileSync(file, configOf('third') + later);
  await holder.reload('file');
  assert.deepEqual(told, [{ changed: ['listen', 'access_log', 'bans', 'inspection'] }]);
});

test('a bug that a config brings to light refuses it, and the old plan stays', async () => {
  const told: unknown[] = [];
  const { holder, reports, middle } = await harness({ ...silentLog, error: (fields) => told.push(fields) });
  const { version } = holder.plan();
  write('second');
  middle.happens = () => {
    throw new RangeError('a secret value');
  };
  await holder.reload('file');
  assert.equal(holder.plan().version, version);
  assert.equal(holder.lastLoad()?.outcome, 'refused');
  assert.match(reports.at(-1)?.issues.join() ?? '', /cannot be compiled because of a bug of ours \(RangeError\)/);
  assert.ok(!JSON.stringify([reports, told]).includes('secret value'));
  middle.happens = () => {};
  await holder.reload('file');
  assert.deepEqual(
    holder.plan().rules.map(({ id }) => id),
    ['second'],
  );
});

/** So many keys that they are read aside, another one at each call, and perhaps a line that is none. */
function writeMany(bad = ''): void {
  const { entry } = mintApiKey({ owner: 'acme', roles: [] });
  const comments = `# ${'many '.repeat(20_000)}\n`;
  writeFileSync(join(folder, 'keys.yaml'), `${comments}keys:\n  - ${JSON.stringify(entry)}\n${bad}`);
}

/** Reads aside as the sidecar does, and counts. */
function counting() {
  const read: string[] = [];
  const readAside: ReadAside = (path, signal) => {
    read.push(path);
    return readOnThread()(path, signal);
  };
  return { read, readAside };
}

test('many keys are read aside, once, and the load itself looks at none of them', async () => {
  const { read, readAside } = counting();
  const { holder, reports, deps } = await harness(silentLog, readAside);
  const path = join(folder, 'keys.yaml');
  const { version } = holder.plan();
  writeMany();
  let turns = 0;
  let loading = true;
  const turn = (): void => {
    turns += 1;
    if (loading) setImmediate(turn);
  };
  setImmediate(turn);
  await holder.reload('file');
  loading = false;
  // Whatever waits in the event loop has had its turns meanwhile.
  assert.ok(turns > 10, `${turns} turns`);
  assert.deepEqual(read, [path]);
  assert.notEqual(holder.plan().version, version);

  // Another rule, the same keys: they are known by their digest.
  writeFileSync(file, configOf('second'));
  await holder.reload('file');
  assert.deepEqual(read, [path]);
  assert.deepEqual(
    reports.map(({ outcome }) => outcome),
    ['ok', 'ok', 'ok'],
  );
  const digest = hash('sha256', readFileSync(path));
  assert.equal(deps.keyFiles.of({ name: 'keys.yaml', digest }).table?.size, 1);
});

test('bad keys among many are told with their place each time, and the old plan stays until they are mended', async () => {
  const { read, readAside } = counting();
  const { holder } = await harness(silentLog, readAside);
  const { version } = holder.plan();
  writeMany('  - id: A\n');
  for (const trigger of ['file', 'signal'] as const) {
    await holder.reload(trigger);
    assert.equal(holder.plan().version, version);
    assert.deepEqual(
      holder.lastLoad()?.issues.map((issue) => issue.slice(issue.indexOf('keys.yaml'))),
      [
        'keys.yaml:4:5 keys[1].hash is required',
        'keys.yaml:4:5 keys[1].owner is required',
        'keys.yaml:4:9 keys[1].id must be 1 to 32 lower-case letters and digits',
      ],
    );
  }
  assert.equal(read.length, 2);
  writeMany();
  await holder.reload('file');
  assert.equal(holder.lastLoad()?.outcome, 'ok');
});

test('a reading that comes to grief refuses the load, and the next one reads again', async () => {
  const { readAside } = counting();
  let grief = true;
  const { holder } = await harness(silentLog, (path, signal) =>
    grief ? Promise.reject(new FileUnread('cannot be read: it says so')) : readAside(path, signal),
  );
  const { version } = holder.plan();
  writeMany();
  await holder.reload('file');
  assert.equal(holder.plan().version, version);
  assert.match(holder.lastLoad()?.issues.join('\n') ?? '', /keys\.yaml:1:1 \. cannot be read: it says so$/);
  grief = false;
  await holder.reload('file');
  assert.equal(holder.lastLoad()?.outcome, 'ok');
});

test('of changes that come while keys are being read the last one counts, and they are one load', async () => {
  const { read, readAside } = counting();
  const [finished, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { holder, reports } = await harness(silentLog, async (path, signal) => {
    const reading = await readAside(path, signal);
    finished.resolve();
    await held.promise;
    return reading;
  });
  writeMany();
  const first = holder.reload('file');
  await finished.promise;
  writeMany();
  const more = [holder.reload('file'), holder.reload('signal')];
  writeMany();
  held.resolve();
  await Promise.all([first, ...more]);
  // What was read first was out of date when it came.
  assert.equal(read.length, 2);
  assert.deepEqual(
    reports.map(({ outcome, trigger }) => `${outcome} ${trigger}`),
    ['ok start', 'ok file'],
  );
});

test('a load that is given up changes nothing and tells nobody', async () => {
  const started = Promise.withResolvers<void>();
  const told: unknown[] = [];
  const log = { ...silentLog, error: (fields: object) => told.push(fields) };
  const { holder, reports } = await harness(log, async (_, signal) => {
    started.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new FileUnread('cannot be read: it was given up');
  });
  const { version } = holder.plan();
  writeMany();
  const reload = holder.reload('file');
  await started.promise;
  holder.close();
  await reload;
  assert.equal(holder.plan().version, version);
  assert.deepEqual([reports.length, told], [1, []]);
});

/** So many paths, each with a schema of its own, and perhaps one that is none. */
function writeContract(paths: number, bad: object = {}): void {
  const operation = (index: number): object => ({
    post: {
      parameters: [
        { name: 'n', in: 'query', schema: { type: 'integer', maximum: index, ...(index === 3 ? bad : {}) } },
      ],
      responses: { 200: { description: 'ok' } },
    },
  });
  const list = Array.from({ length: paths }, (_, index) => [`/p${index}`, operation(index)]);
  const info = { title: 'many', version: `${JSON.stringify(bad)} ${paths}` };
  writeFileSync(join(folder, 'api.json'), JSON.stringify({ openapi: '3.1.0', info, paths: Object.fromEntries(list) }));
}

/** Rules that share the contract. */
function writeRules(...ids: readonly string[]): void {
  const rules = ids.map((id) => ({
    id,
    match: { path: `/${id}` },
    allow: 'anonymous',
    payload: { openapi_file: 'api.json', strict: true },
  }));
  writeFileSync(file, stringify({ version: 1, rules }));
}

/** Checks aside as the sidecar does, and counts. */
function countingChecks() {
  const jobs: unknown[] = [];
  const checkAside: CheckAside = (job, signal) => {
    jobs.push(job);
    return checkOnThread()(job, signal);
  };
  return { jobs, checkAside };
}

test('a contract is checked aside, once for all rules and loads, and others have their turn after each of its paths', async () => {
  const { jobs, checkAside } = countingChecks();
  const { holder } = await harness(silentLog, assert.fail, checkAside);
  writeContract(300);
  writeRules('p1', 'p2', 'p3', 'p4', 'p5');
  let [turns, loading] = [0, true];
  const turn = (): void => {
    turns += 1;
    if (loading) setImmediate(turn);
  };
  await holder.reload('file');
  turns = 0;
  setImmediate(turn);
  writeContract(301);
  await holder.reload('file');
  loading = false;
  assert.equal(holder.lastLoad()?.outcome, 'ok');
  assert.ok(turns > 300, `${turns} turns`);
  const job = { file: join(folder, 'api.json'), basePaths: [undefined] };
  assert.deepEqual(jobs, [job, job]);

  const decide = async (path: string, query: string): Promise<string> => {
    const subject = aSubject({ request: { method: 'POST', path: `/${path}`, segments: [path], query } });
    const verdict = await holder.plan().rules[0]?.inspect(subject, new AbortController().signal);
    return verdict?.kind === 'reject' ? verdict.reason : String(verdict?.kind);
  };
  assert.equal(await decide('p7', 'n=7'), 'pass');
  assert.equal(await decide('p7', 'n=8'), 'parameter_mismatch');
  assert.equal(await decide('p999', ''), 'operation_unknown');

  // Other rules, the same contract: nobody reads it.
  writeRules('p6', 'p7');
  await holder.reload('file');
  assert.equal(holder.lastLoad()?.outcome, 'ok');
  assert.equal(jobs.length, 2);
  assert.ok(holder.files().includes(job.file));
});

test('a faulty schema is told at each load with its place, and the old plan stays until it is mended', async () => {
  const { jobs, checkAside } = countingChecks();
  const { holder } = await harness(silentLog, assert.fail, checkAside);
  const { version } = holder.plan();
  writeContract(300, { pattern: '(?=x)' });
  writeRules('p1', 'p2');
  for (const trigger of ['file', 'signal'] as const) {
    await holder.reload(trigger);
    assert.equal(holder.plan().version, version);
    const [issue = '', ...others] = holder.lastLoad()?.issues ?? [];
    assert.match(
      issue,
      /api\.json:1:\d+ paths\["\/p3"\]\.post\.parameters\[0\]\.schema\.pattern not a pattern for the linear-time engine/,
    );
    assert.deepEqual(others, []);
  }
  assert.equal(jobs.length, 2);
  writeContract(300);
  await holder.reload('file');
  assert.equal(holder.lastLoad()?.outcome, 'ok');
  assert.notEqual(holder.plan().version, version);
});

test('a check that comes to grief refuses the load', async () => {
  const { holder } = await harness(silentLog, assert.fail, () =>
    Promise.reject(new FileUnread('cannot be read: it says so')),
  );
  writeContract(302);
  writeRules('p1');
  await holder.reload('file');
  assert.match(holder.lastLoad()?.issues.join('\n') ?? '', /api\.json:1:1 \. cannot be read: it says so$/);
});
