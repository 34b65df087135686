import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { authnDeps, openTime } from '../../test/support/authn.ts';
import type { KeySets } from '../authn/index.ts';
import { mintApiKey } from '../authn/index.ts';
import { openConfig } from '../config/open.ts';
import { systemClock } from '../core/clock.ts';
import { type Log, silentLog } from '../core/ports.ts';
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
function harness(log: Log = silentLog) {
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
  const deps = { ...authnDeps(openTime()), clock: systemClock, log, keySets, store, local: store };
  const opening = openConfig(file, {});
  const { settings } = opening;
  assert.ok(settings);
  const reports: LoadReport[] = [];
  const holder = holdPlan(opening, { file, env: {}, settings, deps, onLoad: (report) => reports.push(report) });
  assert.ok(holder);
  return { holder, reports, middle };
}

test('files that are replaced together in the middle of a reading never make one plan', () => {
  const { holder, reports, middle } = harness();
  write('second');
  middle.happens = () => {
    middle.happens = () => {};
    write('third');
  };
  holder.reload('file');
  assert.deepEqual(
    holder.plan().rules.map(({ id }) => id),
    ['third'],
  );
  // A plan of two would be replaced now.
  const { version } = holder.plan();
  holder.reload('file');
  assert.equal(holder.plan().version, version);
  assert.deepEqual(
    reports.map(({ outcome, trigger }) => `${outcome} ${trigger}`),
    ['ok start', 'ok file'],
  );
});

test('a config that never stands still changes nothing and is told of', () => {
  const told: string[] = [];
  const { holder, reports, middle } = harness({ ...silentLog, warn: (_, message) => told.push(message) });
  const { version } = holder.plan();
  let count = 0;
  middle.happens = () => {
    count += 1;
    write(`rule-${count}`);
  };
  holder.reload('signal');
  assert.equal(holder.plan().version, version);
  assert.equal(reports.length, 1);
  assert.match(told[0] ?? '', /changes while it is being read/);
});

test('a bug that a config brings to light refuses it, and the old plan stays', () => {
  const told: unknown[] = [];
  const { holder, reports, middle } = harness({ ...silentLog, error: (fields) => told.push(fields) });
  const { version } = holder.plan();
  write('second');
  middle.happens = () => {
    throw new RangeError('a secret value');
  };
  holder.reload('file');
  assert.equal(holder.plan().version, version);
  assert.equal(holder.lastLoad()?.outcome, 'refused');
  assert.match(reports.at(-1)?.issues.join() ?? '', /cannot be compiled because of a bug of ours \(RangeError\)/);
  assert.ok(!JSON.stringify([reports, told]).includes('secret value'));
  middle.happens = () => {};
  holder.reload('file');
  assert.deepEqual(
    holder.plan().rules.map(({ id }) => id),
    ['second'],
  );
});
