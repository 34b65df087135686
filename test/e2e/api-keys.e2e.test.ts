import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { mintApiKey } from '../../src/authn/api-key/mint.ts';
import { keyCommand } from '../../src/cli/key.ts';
import { runCommandLine } from '../../src/cli/usage.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Ingress, type IngressAnswer, startIngress } from '../support/ingress.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

const { key, entry } = mintApiKey({ owner: 'acme', roles: [], id: 'acme' });
const users = makeKey('ES256');

// One host for each way to present a key.
const config = (redis: string, keysFile: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
redis: { url: "${redis}" }
identity:
  header: { api_key: { keys_file: "${keysFile}" } }
  bearer: { api_key: { bearer: true, keys_file: "${keysFile}" } }
  query: { api_key: { query: api_key, keys_file: "${keysFile}" } }
  cookie: { api_key: { cookie: key, keys_file: "${keysFile}" } }
  shared: { api_key: { header: x-shared-key, store: shared } }
  users:
    jwt:
      issuer: "https://idp.example"
      audience: [echo]
      algorithms: [ES256]
      jwks: { inline: ${JSON.stringify(jwksOf(users))} }
rules:
  - { id: header, match: { path: /echo, hosts: [header.example] }, identity: [header] }
  - { id: bearer, match: { path: /echo, hosts: [bearer.example] }, identity: [users, bearer] }
  - { id: query, match: { path: /echo, hosts: [query.example] }, identity: [query] }
  - { id: cookie, match: { path: /echo, hosts: [cookie.example] }, identity: [cookie] }
  - { id: shared, match: { path: /echo, hosts: [shared.example] }, identity: [shared] }
  - { id: several, match: { path: /echo, hosts: [several.example] }, identity: [header, query, cookie] }
  - { id: passed, match: { path: /echo, hosts: [passed.example] }, identity: [header, query, cookie], pass_credentials: true }
`;

let folder: string;
let redis: RedisServer;
let sidecar: SidecarProcess;
let ingress: Ingress;
const keysFile = (): string => join(folder, 'keys.yaml');

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-api-keys-'));
  await writeFile(keysFile(), JSON.stringify({ keys: [entry] }));
  redis = await startRedis();
  await writeFile(join(folder, 'portcullis.yaml'), config(redis.url, keysFile()));
  sidecar = await startSidecarProcess({ config: { file: join(folder, 'portcullis.yaml') } });
  ingress = await startIngress({ grpc: sidecar.grpc });
  await waitFor({ what: 'calls are answered', holds: async () => (await send('header', {})).status === 401 });
});
after(async () => {
  await ingress?.stop();
  await sidecar?.stop();
  await redis?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

interface Sent {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
const send = (host: string, { path = '/echo', headers = {} }: Sent): Promise<IngressAnswer> =>
  ingress.send({ path, headers: { host: `${host}.example`, ...headers } });

/** What the upstream was told; a denial fails. */
async function passed(
  host: string,
  sent: Sent,
): Promise<{ readonly path: string; readonly headers: Record<string, string[]> }> {
  const { status, body } = await send(host, sent);
  assert.equal(status, 200, body);
  const said = JSON.parse(body);
  assert.deepEqual(said.headers['x-user'], ['acme']);
  return said;
}

/** The status and the reason in the audit. */
async function refused(host: string, sent: Sent): Promise<readonly unknown[]> {
  const { status, body } = await send(host, sent);
  const id = JSON.parse(body).decision_id;
  let reason: unknown;
  const holds = async (): Promise<boolean> => {
    const line = (await sidecar.audit()).find(({ unmapped }) => unmapped.portcullis['decision_id'] === id);
    reason = line?.unmapped.portcullis['reason'];
    return line !== undefined;
  };
  await waitFor({ what: `${id} is in the audit`, holds, child: sidecar.child });
  return [status, reason];
}

/** Runs `portcullis key`; what it prints as JSON. */
async function cli(...args: readonly string[]) {
  const out: string[] = [];
  const program = new Command('portcullis').addCommand(keyCommand((text) => out.push(text)));
  await runCommandLine(program, ['key', ...args, '--json']);
  return JSON.parse(out.join('\n'));
}
const shared = (): readonly string[] => ['--config', join(folder, 'portcullis.yaml'), '--identity', 'shared'];

test('a key in a header of its own is taken out before the upstream', async () => {
  const { headers } = await passed('header', { headers: { 'x-api-key': key } });
  assert.equal(headers['x-api-key'], undefined);
  assert.deepEqual(await refused('header', { headers: { 'x-api-key': `${key}0` } }), [401, 'api_key_malformed']);
});

test('a key as a bearer token stands beside tokens of others', async () => {
  const { headers } = await passed('bearer', { headers: { authorization: `Bearer ${key}` } });
  assert.equal(headers['authorization'], undefined);
  const claims = { iss: 'https://idp.example', aud: 'echo', sub: 'acme', exp: Math.floor(Date.now() / 1000) + 600 };
  await passed('bearer', { headers: { authorization: `Bearer ${signToken(users, claims)}` } });
  const stranger = mintApiKey({ owner: 'x', roles: [] }).key;
  const { headers: told } = await send('bearer', { headers: { authorization: `Bearer ${stranger}` } });
  assert.equal(told['www-authenticate'], 'Bearer realm="portcullis", error="invalid_token"');
});

test('a key in the query is taken out, whatever its spelling, and the rest stays as it was', async () => {
  for (const name of ['api_key', 'api%5Fkey', 'api%5fkey', '%61pi_key', '%61%70%69%5f%6b%65%79']) {
    const { path } = await passed('query', { path: `/echo?a=1&${name}=${key}&b=%5F%20x&a=2` });
    assert.ok(!path.includes('pck_'), path);
    // Envoy sorts what is left by its names.
    assert.equal(path, '/echo?a=1&a=2&b=%5F%20x');
    assert.equal((await passed('query', { path: `/echo?${name}=${key}` })).path.replace(/\?$/, ''), '/echo');
  }
});

test('a key in a cookie is taken out, and other cookies stay', async () => {
  const { headers } = await passed('cookie', { headers: { cookie: `a=b; key=${key}; key2=c` } });
  assert.deepEqual(headers['cookie'], ['a=b; key2=c']);
  assert.equal((await passed('cookie', { headers: { cookie: `key=${key}` } })).headers['cookie'], undefined);
});

test('with pass_credentials keys go on as they came', async () => {
  const path = `/echo?a=1&api%5Fkey=${key}`;
  assert.equal((await passed('passed', { path })).path, path);
  assert.deepEqual((await passed('passed', { headers: { cookie: `a=b; key=${key}` } })).headers['cookie'], [
    `a=b; key=${key}`,
  ]);
  assert.deepEqual((await passed('passed', { headers: { 'x-api-key': key } })).headers['x-api-key'], [key]);
});

test('a key that stands twice, in one place or in two, is refused', async () => {
  const inHeader = { 'x-api-key': key };
  const inCookie = { cookie: `key=${key}` };
  const path = `/echo?api_key=${key}`;
  const ambiguous = [400, 'credential_ambiguous'];
  assert.deepEqual(await refused('several', { headers: { ...inHeader, ...inCookie }, path }), ambiguous);
  assert.deepEqual(await refused('several', { headers: inHeader, path }), ambiguous);
  assert.deepEqual(await refused('several', { headers: inCookie, path }), ambiguous);
  assert.deepEqual(await refused('several', { headers: { ...inHeader, ...inCookie } }), ambiguous);
  assert.deepEqual(await refused('query', { path: `${path}&api%5Fkey=x` }), ambiguous);
  assert.deepEqual(await refused('cookie', { headers: { cookie: `key=${key}; key=${key}` } }), ambiguous);
  assert.deepEqual(await refused('header', { headers: { 'x-api-key': `${key},${key}` } }), ambiguous);
});

test('no key stands in the audit or in the log', async () => {
  const secret = key.slice(key.lastIndexOf('_') + 1);
  const story = `${await sidecar.stdout()}${sidecar.child.output()}`;
  assert.ok(story.includes('acme'));
  assert.ok(!story.includes(key) && !story.includes(secret));
});

/** Resolves when a caller with the key gets this status. */
const until = (what: string, host: string, headers: Readonly<Record<string, string>>, status: number): Promise<void> =>
  waitFor({ what, holds: async () => (await send(host, { headers })).status === status, child: sidecar.child });

test('the keys file is edited while it is in use', async () => {
  const place = ['--file', keysFile()];
  const made = await cli('new', '--owner', 'acme', '--id', 'second', ...place);
  const headers = { 'x-api-key': made.key };
  await until('the new key is good', 'header', headers, 200);
  await cli('revoke', 'second', ...place);
  await until('the revoked key is not', 'header', headers, 401);
  assert.deepEqual(await refused('header', { headers }), [401, 'api_key_revoked']);
  await passed('header', { headers: { 'x-api-key': key } });
});

test('in the shared store a key is good, rotated and revoked without anything being read again', async () => {
  const plan = JSON.parse((await sidecar.page('/readyz')).body).reload.version;
  const first = await cli('new', '--owner', 'acme', '--id', 'first', ...shared());
  const old = { 'x-shared-key': first.key };
  await until('the key is good', 'shared', old, 200);

  const next = await cli('rotate', 'first', '--overlap', '1h', ...shared());
  const fresh = { 'x-shared-key': next.key };
  await until('the new key is good', 'shared', fresh, 200);
  await passed('shared', { headers: old });

  await cli('rotate', next.entry.id, '--overlap', '0s', ...shared());
  await until('a key without overlap is over', 'shared', fresh, 401);
  assert.deepEqual(await refused('shared', { headers: fresh }), [401, 'api_key_expired']);

  await cli('revoke', 'first', ...shared());
  await until('the revoked key is not good', 'shared', old, 401);
  assert.deepEqual(await refused('shared', { headers: old }), [401, 'api_key_revoked']);
  assert.equal(JSON.parse((await sidecar.page('/readyz')).body).reload.version, plan);
});

test('keys of the shared store are refused while Redis is away, and good again when it is back', async () => {
  const { key: mine } = await cli('new', '--owner', 'acme', '--id', 'outage', ...shared());
  const headers = { 'x-shared-key': mine };
  await until('the key is good', 'shared', headers, 200);
  redis.freeze();
  try {
    await until('the store is away', 'shared', headers, 503);
    assert.deepEqual(await refused('shared', { headers }), [503, 'key_store_unavailable']);
    // What is no key costs no lookup, and a file needs no Redis.
    assert.deepEqual(await refused('shared', { headers: { 'x-shared-key': `${mine}0` } }), [401, 'api_key_malformed']);
    await passed('header', { headers: { 'x-api-key': key } });
  } finally {
    redis.thaw();
  }
  await until('the store is back', 'shared', headers, 200);
});
