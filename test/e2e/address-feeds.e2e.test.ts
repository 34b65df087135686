// Lists of addresses that others keep, through the real Envoy: what they list is refused, also when their server is away.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type KeyServer, openKeyServer } from '../support/key-server.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-address-feeds-'));
const watchedFile = join(folder, 'watched.txt');
const token = 'a-token-of-the-administrators-of-this-test';

const config = (origin: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: { address: "127.0.0.1:0", token_file: admin.token } }
client_address: { from: x-forwarded-for, trusted_hops: 2 }
addresses:
  cache_dir: ${folder}/cache
  allow: [203.0.113.8]
  deny_feeds:
    drop: { url: "${origin}/drop.txt", refresh: 1s }
    watched: { file: "${watchedFile}", refresh: 1s, mode: shadow }
rules:
  - { id: all, match: { path: /** }, allow: anonymous }
`;

let server: KeyServer;
let sidecar: SidecarProcess;
let ingress: Ingress;
const start = () => startSidecarProcess({ config: config(server.origin), files: { 'admin.token': token } });
before(async () => {
  server = await openKeyServer();
  server.answer('/drop.txt', { kind: 'raw', text: '# a list\n203.0.113.8\n203.0.113.9\n2001:db8:bad::/48\n' });
  writeFileSync(watchedFile, '203.0.113.77\n');
  sidecar = await start();
  ingress = await startIngress({ grpc: sidecar.grpc });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The status for a client at an address; Envoy appends that of its own peer. */
const from = async (address: string): Promise<number> =>
  (await ingress.send({ path: '/healthz', headers: { 'x-forwarded-for': address } })).status;
const refusedFrom = async (address: string): Promise<boolean> => (await from(address)) === 403;
const refreshes = (outcome: string): Promise<number> =>
  sidecar.metric(`portcullis_address_feed_refreshes_total{feed="drop",outcome="${outcome}"}`);

const isReady = async (one: SidecarProcess): Promise<boolean> => (await one.page('/readyz')).status === 200;

interface ShownFeed {
  readonly name: string;
  readonly entries: number;
  readonly problem: string | null;
}
async function feedsPage(): Promise<readonly ShownFeed[]> {
  const response = await fetch(`http://${sidecar.admin}/feeds`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(response.status, 200);
  return ((await response.json()) as { feeds: ShownFeed[] }).feeds; // as the page is documented
}

test('who is on the list is refused, and an exception wins', async () => {
  // Ready once every list has been looked at.
  await waitFor({ what: 'the sidecar is ready', holds: () => isReady(sidecar) });
  assert.equal(await from('203.0.113.9'), 403);
  assert.equal(await from('2001:db8:bad::1'), 403);
  assert.notEqual(await from('203.0.113.8'), 403);
  assert.notEqual(await from('203.0.113.10'), 403);
  const refused = async () =>
    (await sidecar.audit()).find(({ unmapped }) => unmapped.portcullis['reason'] === 'address_blocked');
  await waitFor({ what: 'the refusal is audited', holds: async () => (await refused()) !== undefined });
  assert.match(JSON.stringify(await refused()), /addresses\.deny_feeds\.drop/);
  assert.equal(await sidecar.metric('portcullis_address_feed_hits_total{feed="drop",outcome="refused"}'), 2);
  assert.equal(await sidecar.metric('portcullis_address_feed_entries{feed="drop"}'), 3);
});

test('a list in shadow mode refuses nobody and is recorded', async () => {
  assert.notEqual(await from('203.0.113.77'), 403);
  assert.equal(await sidecar.metric('portcullis_address_feed_hits_total{feed="watched",outcome="shadow"}'), 1);
});

test('a list that changes is in force soon', async () => {
  server.answer('/drop.txt', { kind: 'raw', text: '203.0.113.10\n' });
  writeFileSync(watchedFile, '203.0.113.77\n203.0.113.78\n');
  await waitFor({ what: 'the new address is refused', holds: () => refusedFrom('203.0.113.10') });
  assert.notEqual(await from('203.0.113.9'), 403);
  const watched = async () => (await feedsPage()).find(({ name }) => name === 'watched');
  await waitFor({ what: 'the file is read again', holds: async () => (await watched())?.entries === 2 });
});

test('a server that fails or lies takes nothing away', async () => {
  for (const [mode, outcome] of [
    [{ kind: 'status', status: 500 }, 'failed'],
    [{ kind: 'raw', text: '<!doctype html><title>Sorry</title>' }, 'refused'],
    [{ kind: 'raw', text: '0.0.0.0/0\n' }, 'refused'],
  ] as const) {
    const before = await refreshes(outcome);
    server.answer('/drop.txt', mode);
    await waitFor({ what: `a look is ${outcome}`, holds: async () => (await refreshes(outcome)) > before });
    assert.equal(await from('203.0.113.10'), 403);
    assert.notEqual(await from('203.0.113.9'), 403);
  }
  const drop = (await feedsPage()).find(({ name }) => name === 'drop');
  assert.deepEqual([drop?.entries, typeof drop?.problem], [1, 'string']);
  const unproven = await fetch(`http://${sidecar.admin}/feeds`);
  assert.equal(unproven.status, 401);
});

test('a restart begins with the last good list, whether its server is there or not', async () => {
  server.answer('/drop.txt', { kind: 'status', status: 503 });
  const again = await start();
  const shared = await startIngress({ grpc: again.grpc });
  try {
    await waitFor({ what: 'the new sidecar is ready', holds: () => isReady(again) });
    const headers = { 'x-forwarded-for': '203.0.113.10' };
    assert.equal((await shared.send({ path: '/healthz', headers })).status, 403);
  } finally {
    await shared.stop();
    await again.stop();
  }
});
