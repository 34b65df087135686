import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let folder = '';
let gateway: Gateway;
const keyFile = (name: string): string => join(folder, name);
const writeKey = (name: string): Promise<void> =>
  writeFile(
    keyFile(name),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
  );
const signing = (...names: readonly string[]): string =>
  `signing: { issuer: "https://gateway.example", key_files: [${names.map(keyFile).join(', ')}] }\n`;

const withToken = (demo: string): string =>
  demo
    .replace('rules:\n', `${signing('one.pem')}rules:\n`)
    .replace(
      'match: { path: /echo, methods: [GET] }\n',
      '$&    upstream: { identity_token: { audience: echo, claims: [client_id] } }\n',
    );

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-signing-'));
  await Promise.all([writeKey('one.pem'), writeKey('two.pem')]);
  gateway = await startGateway({ config: withToken });
});
after(async () => {
  await gateway?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the API saw of a request by alice. */
async function seen(headers: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, string[]>>> {
  const authorization = `Bearer ${await gateway.token('alice')}`;
  const { status, body } = await gateway.send({ path: '/echo', headers: { authorization, ...headers } });
  assert.equal(status, 200);
  return JSON.parse(body).headers;
}

async function keySet(): Promise<JSONWebKeySet> {
  const { status, headers, body } = await gateway.send({ path: '/.portcullis/jwks.json' });
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/jwk-set+json');
  return JSON.parse(body);
}

test('the upstream verifies who calls with the keys that the gateway publishes', async () => {
  const headers = await seen({ 'x-identity-token': 'forged' });
  const [token = '', ...more] = headers['x-identity-token'] ?? [];
  assert.deepEqual(more, []);
  assert.equal(headers['authorization'], undefined);
  const { payload } = await jwtVerify(token, createLocalJWKSet(await keySet()), {
    issuer: 'https://gateway.example',
    audience: 'echo',
  });
  assert.deepEqual([payload.sub, payload['source'], payload['roles']], ['alice', 'users', ['editor']]);
});

test('keys are rotated without a moment in which a token cannot be verified', async () => {
  const { configFile } = gateway;
  const before = await keySet();
  const config = await readFile(configFile, 'utf8');
  await writeFile(configFile, config.replace(signing('one.pem'), signing('one.pem', 'two.pem')));
  await waitFor({ what: 'both keys are published', holds: async () => (await keySet()).keys.length === 2 });
  const both = await keySet();
  const signedWith = async (keys: JSONWebKeySet): Promise<string | undefined> =>
    (await jwtVerify((await seen())['x-identity-token']?.[0] ?? '', createLocalJWKSet(keys))).protectedHeader.kid;
  assert.equal(await signedWith(both), before.keys[0]?.kid);

  await writeFile(configFile, config.replace(signing('one.pem'), signing('two.pem', 'one.pem')));
  await waitFor({
    what: 'the new key signs',
    // Whoever fetched the set while both were in it verifies all along.
    holds: async () => (await signedWith(both)) !== before.keys[0]?.kid,
  });
});
