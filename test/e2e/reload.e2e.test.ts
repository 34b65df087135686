import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { mintApiKey } from '../../src/authn/api-key/mint.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, type IngressAnswer, startIngress } from '../support/ingress.ts';
import { type Load, startLoad } from '../support/load.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

/** Two configs that agree in nothing: who may pass, by which role, and what the upstream is told. */
type Version = 'a' | 'b';
const configOf = (version: Version): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
identity: { partners: { api_key: { keys_file: keys.yaml } } }
roles: { ${version}: { permissions: ["echo:read"] } }
rules:
  - id: echo
    match: { path: /echo }
    identity: [partners]
    require: { permission: "echo:read" }
    upstream: { set_headers: { x-plan: ${version} } }
`;

const callers = ['a', 'b', 'either'] as const;
type Caller = (typeof callers)[number];
const minted = {
  a: mintApiKey({ owner: 'a', roles: ['a'] }),
  b: mintApiKey({ owner: 'b', roles: ['b'] }),
  either: mintApiKey({ owner: 'either', roles: [] }),
} as const satisfies Record<Caller, object>;
const late = mintApiKey({ owner: 'late', roles: ['b'] });
const keysOf = (version: Version, ...more: readonly object[]): string => {
  // Has the role that its version asks for: the keys of one with the roles of the other would turn it away.
  const either = { ...minted.either.entry, roles: [version] };
  return stringify({ keys: [minted.a.entry, minted.b.entry, either, ...more] });
};

let folder: string;
let sidecar: SidecarProcess;
let ingress: Ingress;
/** Which config a plan was made of, by the plan's version. */
const plans = new Map<unknown, Version>();
const at = (...names: readonly string[]): string => join(folder, ...names);

let generations = 0;
/** Both files at once, as Kubernetes replaces a mounted ConfigMap: a folder beside the old one, and a link that is renamed. */
async function swap(config: string, keysFile: string): Promise<void> {
  generations += 1;
  const generation = `..${generations}`;
  await mkdir(at(generation));
  await writeFile(at(generation, 'portcullis.yaml'), config);
  await writeFile(at(generation, 'keys.yaml'), keysFile);
  await symlink(generation, at('..data_tmp'));
  await rename(at('..data_tmp'), at('..data'));
}
const swapTo = (version: Version): Promise<void> => swap(configOf(version), keysOf(version));

interface ReloadReport {
  readonly outcome: 'ok' | 'refused';
  readonly version: string;
  readonly issues: readonly string[];
}
async function report(): Promise<ReloadReport> {
  const { status, body } = await sidecar.page('/readyz');
  assert.equal(status, 200);
  return JSON.parse(body).reload;
}
/** Resolves with the report when the last load is of this kind. */
async function reported(what: string, fits: (report: ReloadReport) => boolean): Promise<ReloadReport> {
  let last = await report();
  const holds = async (): Promise<boolean> => {
    last = await report();
    return fits(last);
  };
  await waitFor({ what, holds, child: sidecar.child });
  return last;
}
const inForce = (version: Version): Promise<ReloadReport> =>
  reported(`${version} is in force`, (last) => last.outcome === 'ok' && plans.get(last.version) === version);
const gauge = (): Promise<number> => sidecar.metric('portcullis_last_reload_successful');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-reload-'));
  for (const name of ['portcullis.yaml', 'keys.yaml']) await symlink(join('..data', name), at(name));
  await swapTo('a');
  sidecar = await startSidecarProcess({ config: { file: at('portcullis.yaml') } });
  ingress = await startIngress({ grpc: sidecar.grpc });
  plans.set((await report()).version, 'a');
  await swapTo('b');
  plans.set((await reported('another config', ({ version }) => !plans.has(version))).version, 'b');
  // A process that has just started is slow: on a busy machine its first answers may come too late for Envoy.
  for (let turn = 0; turn < 100; turn += 1) await send(minted.either.key);
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

interface Seen {
  readonly caller: Caller;
  readonly status: number;
  /** What the upstream was told; undefined for a denial. */
  readonly plan: string | undefined;
  readonly decision: string;
}
const send = (key: string): Promise<IngressAnswer> => ingress.send({ path: '/echo', headers: { 'x-api-key': key } });
async function ask(caller: Caller): Promise<Seen> {
  const { status, body } = await send(minted[caller].key);
  const said = JSON.parse(body);
  const decision = said.decision_id ?? said.headers['x-decision-id'][0];
  return { caller, status, plan: said.headers?.['x-plan'][0], decision };
}

/** What a version says to a caller. */
const answerOf = (version: Version, caller: Caller): Pick<Seen, 'status' | 'plan'> =>
  caller === version || caller === 'either' ? { status: 200, plan: version } : { status: 403, plan: undefined };

/** Runs a load while the config changes, then holds every answer against the one plan that its decision names. */
async function underLoad(change: (load: Load<Seen>) => Promise<void>): Promise<void> {
  const load = startLoad(3, (turn, lane) => ask(callers[(turn + lane) % callers.length] ?? 'either'));
  try {
    await load.more(30);
    await change(load);
    await load.more(30);
  } finally {
    await load.stop();
  }
  const revs = await revisions(new Set(load.results.map(({ decision }) => decision)));
  for (const { caller, status, plan, decision } of load.results) {
    const version = plans.get(revs.get(decision));
    assert.ok(version !== undefined, `${decision} was made by a plan of neither config: ${caller} ${status}`);
    assert.deepEqual({ status, plan }, answerOf(version, caller), `${version} to ${caller}`);
  }
}

/** The plan's version of each decision, once all of them are written. */
async function revisions(decisions: ReadonlySet<string>): Promise<ReadonlyMap<unknown, unknown>> {
  let found = new Map<unknown, unknown>();
  const holds = async (): Promise<boolean> => {
    const facts = (await sidecar.audit()).map(({ unmapped }) => unmapped.portcullis);
    found = new Map(facts.map((fact) => [fact['decision_id'], fact['config_rev']]));
    return [...decisions].every((decision) => found.has(decision));
  };
  await waitFor({ what: 'every decision is written', holds });
  return found;
}

/** What audit tells of loads: the outcome and what asked for it. */
const told = async (): Promise<readonly string[]> =>
  (await sidecar.audit())
    .filter(({ class_uid }) => class_uid === 3004)
    .map(({ status_id, actor }) => `${status_id === 1 ? 'ok' : 'refused'} ${actor?.app_name}`);
/** Resolves when audit tells of a load besides those that it had told of before. */
async function tells(line: string, before: readonly string[]): Promise<void> {
  await waitFor({ what: `audit tells ${line}`, holds: async () => (await told()).slice(before.length).includes(line) });
}

test('links are swapped, files renamed over and written in place: each is taken as a whole, and no call is lost', async () => {
  await underLoad(async (load) => {
    for (const version of ['a', 'b', 'a'] as const) {
      await swapTo(version);
      await inForce(version);
      await load.more(30);
    }
    // The config alone, so the keys stay those of a.
    await writeFile(at('new'), configOf('a').replace('echo:read"]', 'echo:read", "echo:write"]'));
    await rename(at('new'), at('portcullis.yaml'));
    const renamed = await reported('the renamed file', ({ version }) => !plans.has(version));
    assert.equal(renamed.outcome, 'ok');
    plans.set(renamed.version, 'a');
    await load.more(30);

    await writeFile(at('portcullis.yaml'), configOf('a'));
    await reported('the file that was written in place', ({ version }) => version !== renamed.version);
    await load.more(30);

    await symlink(join('..data', 'portcullis.yaml'), at('new'));
    await rename(at('new'), at('portcullis.yaml'));
    await swapTo('b');
    await inForce('b');
  });
});

test('swaps that come one upon the other never make a plan of two', async () => {
  const loads = (): Promise<number> => sidecar.metric('portcullis_plan_loads_total{outcome="ok"}');
  const enough = (await loads()) + 10;
  await underLoad(async (load) => {
    for (let turn = 0; (await loads()) < enough; turn += 1) {
      await swapTo(turn % 2 === 0 ? 'a' : 'b');
      await load.more(20 + (turn % 10) * 5);
    }
    await swapTo('b');
    await inForce('b');
  });
});

test('a bad config changes nothing and is told of everywhere, until a good one comes', async () => {
  await underLoad(async (load) => {
    const before = await told();
    const inForceNow = (await report()).version;
    await swap(
      configOf('a').replace('echo:read', 'echo:reed').replace('identity: [partners]', 'identity: [nobody]'),
      keysOf('a'),
    );
    const refused = await reported('the bad config is refused', ({ outcome }) => outcome === 'refused');
    assert.equal(refused.version, inForceNow);
    assert.match(refused.issues.join('\n'), /portcullis\.yaml:\d+:\d+ rules\[0\]\.identity/);
    assert.equal(await gauge(), 0);
    await tells('refused file-watch', before);
    assert.equal(JSON.parse((await sidecar.page('/config')).body).roles.b.permissions[0], 'echo:read');
    await load.more(30);

    // Asked again, it is refused again.
    sidecar.child.signal('SIGHUP');
    await tells('refused signal', before);
    await load.more(30);
    assert.equal(plans.get((await report()).version), 'b');

    await swapTo('a');
    await inForce('a');
    assert.equal(await gauge(), 1);
    await tells('ok file-watch', before);
  });
});

test('SIGHUP on a config that has not changed changes nothing', async () => {
  const before = await told();
  const { version } = await report();
  sidecar.child.signal('SIGHUP');
  // What it asked for is done before the next change is.
  await swapTo('b');
  await inForce('b');
  assert.notEqual((await report()).version, version);
  await waitFor({ what: 'audit tells', holds: async () => (await told()).length > before.length });
  assert.equal((await told()).length, before.length + 1);
});

test('a keys file that changes alone is taken: a new key is good, and a key that is gone is not', async () => {
  assert.equal((await send(late.key)).status, 401);
  await underLoad(async (load) => {
    await swap(configOf('b'), keysOf('b', late.entry));
    plans.set((await reported('the new keys', ({ version }) => !plans.has(version))).version, 'b');
    assert.equal((await send(late.key)).status, 200);
    await load.more(30);
    await swapTo('b');
    await waitFor({ what: 'the key is gone', holds: async () => (await send(late.key)).status === 401 });
  });
});

test('thousands of keys are read while calls go on, in lines and when they are bad', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) => ({ ...late.entry, id: `k${index}`, hash: hashOf(index) }));
  const keys = [minted.a.entry, minted.b.entry, { ...minted.either.entry, roles: ['b'] }, late.entry, ...many];
  const lines = keys.map((entry) => JSON.stringify(entry)).join('\n');
  const config = configOf('b').replace('keys.yaml', 'keys.ndjson');
  assert.equal((await send(late.key)).status, 401);
  await underLoad(async (load) => {
    await writeFile(at('keys.ndjson'), lines);
    await swap(config, keysOf('b'));
    plans.set((await reported('many keys', ({ version }) => !plans.has(version))).version, 'b');
    assert.equal((await send(late.key)).status, 200);
    await load.more(30);

    await writeFile(at('new'), `${lines}\n{"id": "x"}`);
    await rename(at('new'), at('keys.ndjson'));
    const refused = await reported('the bad line', ({ outcome }) => outcome === 'refused');
    assert.match(refused.issues.join('\n'), /keys\.ndjson:20005:1 \. hash is required/);
    assert.equal((await send(late.key)).status, 200);
    await load.more(30);

    await swapTo('b');
    await inForce('b');
  });
});

const hashOf = (index: number): string => `sha256:${hash('sha256', `key ${index}`)}`;
