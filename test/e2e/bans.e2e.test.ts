// Two sidecars on one Redis, each behind an Envoy of its own: what is banned on one is refused by both within a second.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type EventReceiver, startEventReceiver } from '../support/event-receiver.ts';
import { type Ingress, startIngress } from '../support/ingress.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

const token = 'e2e-admin-token-0123456789-0123456789-abcdef';
const listToken = 'e2e-list-token-0123456789';
const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const secondMs = 1000;

interface Replica {
  readonly sidecar: SidecarProcess;
  readonly ingress: Ingress;
}

let redis: RedisServer;
let folder: string;
let receiver: EventReceiver;
let one: Replica;
let other: Replica;

const config = (): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: { address: "127.0.0.1:0", token_file: "${join(folder, 'admin.token')}" } }
redis: { url: "${redis.url}", timeout: 250ms }
client_address: { from: x-forwarded-for, trusted_hops: 2 }
addresses: { allow: [203.0.113.200] }
bans:
  list: { token_file: "${join(folder, 'list.token')}" }
  webhooks: [{ name: edge, url: "${receiver.url}" }]
limits:
  per_address: { key: client.address, algorithm: token_bucket, rate: 10/h }
rules:
  - { id: limited, match: { path: /limited }, allow: anonymous, limits: [per_address] }
  - { id: all, match: { path: /** }, allow: anonymous }
`;

async function startReplica(): Promise<Replica> {
  const sidecar = await startSidecarProcess({ config: config() });
  return { sidecar, ingress: await startIngress({ grpc: sidecar.grpc }) };
}

before(async () => {
  redis = await startRedis();
  receiver = await startEventReceiver('webhook');
  folder = await mkdtemp(join(tmpdir(), 'portcullis-bans-'));
  await writeFile(join(folder, 'admin.token'), token);
  await writeFile(join(folder, 'list.token'), listToken);
  [one, other] = await Promise.all([startReplica(), startReplica()]);
});
after(async () => {
  for (const replica of [one, other]) {
    await replica?.ingress.stop();
    await replica?.sidecar.stop();
  }
  await redis?.stop();
  await receiver?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The status for a client at an address; Envoy appends that of its own peer. */
const from = async ({ ingress }: Replica, address: string, path = '/healthz'): Promise<number> =>
  (await ingress.send({ path, headers: { 'x-forwarded-for': address } })).status;

/** Runs `portcullis bans` against a replica. */
async function bans({ sidecar }: Replica, command: string, ...args: readonly string[]): Promise<string> {
  const where = ['--admin', sidecar.admin, '--token-file', join(folder, 'admin.token'), '--json'];
  const child = spawn(process.execPath, [main, 'bans', command, ...where, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, out);
  return out;
}

/** Resolves when a client is refused, or no longer, within a second. */
async function within(replica: Replica, address: string, refused: boolean): Promise<void> {
  const began = performance.now();
  await waitFor({
    what: `${address} is ${refused ? '' : 'no longer '}refused`,
    holds: async () => ((await from(replica, address)) === 403) === refused,
  });
  assert.ok(performance.now() - began < secondMs, 'within a second');
}

const list = async ({ sidecar }: Replica): Promise<string> =>
  (await fetch(`http://${sidecar.admin}/bans/list`, { headers: { authorization: `Bearer ${listToken}` } })).text();

test('what is banned on one replica is refused by both, until it is removed on the other', async () => {
  for (const replica of [one, other]) assert.notEqual(await from(replica, '203.0.113.9'), 403);
  await bans(one, 'add', '--address', '203.0.113.0/24', '--for', '1h', '--why', 'a test');
  await within(other, '203.0.113.9', true);
  assert.equal(await from(one, '203.0.113.9'), 403);
  assert.notEqual(await from(other, '203.0.113.200'), 403, 'an exception wins');
  assert.equal(await list(other), '203.0.113.0/24\n');
  assert.equal(await other.sidecar.metric('portcullis_bans{effect="refuse"}'), 1);
  await bans(other, 'remove', '--address', '203.0.113.0/24');
  await within(one, '203.0.113.9', false);
  assert.notEqual(await from(other, '203.0.113.9'), 403);
  assert.equal(await list(one), '');
});

test('the webhook hears of each change once, from the replica that made it', async () => {
  await waitFor({ what: 'the webhook has both', holds: async () => receiver.lines.length >= 2 });
  const told = receiver.lines.map((body) => JSON.parse(body));
  assert.deepEqual(
    told.map(({ type, data }) => [type, data.address, data.by]),
    [
      ['ban.made', '203.0.113.0/24', 'operator'],
      ['ban.lifted', '203.0.113.0/24', 'operator'],
    ],
  );
});

test('who is tightened has its limit sooner, on both', async () => {
  await bans(one, 'add', '--address', '198.51.100.7', '--tighten', '5');
  await waitFor({
    what: 'the other replica has heard',
    holds: async () => (await other.sidecar.metric('portcullis_bans{effect="tighten"}')) === 1,
  });
  const statuses = [
    await from(one, '198.51.100.7', '/limited'),
    await from(other, '198.51.100.7', '/limited'),
    await from(one, '198.51.100.7', '/limited'),
  ];
  assert.deepEqual(
    statuses.map((status) => status === 429),
    [false, false, true],
  );
});

test('a replica that starts later knows, and the acts are audited', async () => {
  await bans(one, 'add', '--address', '2001:db8:7::1');
  const late = await startReplica();
  try {
    assert.equal(await from(late, '2001:db8:7::2'), 403);
  } finally {
    await late.ingress.stop();
    await late.sidecar.stop();
  }
  const acts = async () => (await one.sidecar.audit()).filter(({ message }) => message?.includes('POST /bans'));
  await waitFor({ what: 'audit has the acts', holds: async () => (await acts()).length === 3 });
});
