import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { mintApiKey, openRevocations } from '../../src/authn/index.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { openState } from '../support/state.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const key = makeKey('ES256');
const token = (jti: string): string =>
  signToken(key, { iss: 'https://idp.example', sub: 'alice', aud: 'a', exp: Math.floor(Date.now() / 1000) + 600, jti });

let redis: RedisServer;
let folder = '';
before(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'portcullis-explain-'));
  const jwks = JSON.stringify(jwksOf(key));
  await writeFile(
    join(folder, 'portcullis.yaml'),
    `
version: 1
redis: { url: "${redis.url}" }
revocation: { keep: 1d }
identity:
  users: { jwt: { issuer: "https://idp.example", audience: [a], algorithms: [ES256], jwks: { inline: ${jwks} } } }
  partners: { api_key: { store: shared } }
rules:
  - { id: all, match: { path: /** }, identity: [users, partners] }
`,
  );
});
after(async () => {
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Told {
  readonly decision: { readonly effect: string; readonly reason?: string };
}

async function explain(headers: Readonly<Record<string, string>>): Promise<Told['decision']> {
  const request = join(folder, 'request.json');
  await writeFile(request, JSON.stringify({ path: '/', headers }));
  const args = [main, 'explain', join(folder, 'portcullis.yaml'), request, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const told: Told = JSON.parse(stdout);
  return told.decision;
}

test('what Redis holds is looked up, and left as it is', async (context) => {
  const state = await openState(context, redis.url);
  const { key: apiKey } = mintApiKey({ owner: 'acme', roles: [] });
  const authorization = `Bearer ${token('t1')}`;
  assert.equal((await explain({ authorization })).effect, 'allow');
  assert.equal((await explain({ 'x-api-key': apiKey })).reason, 'api_key_unknown');

  const revocations = openRevocations(state, systemClock);
  context.after(() => revocations.close());
  const untilMs = Date.now() + 600_000;
  await revocations.revoke({ kind: 'credential', source: 'users', value: 't1', beforeMs: undefined, untilMs });
  assert.equal((await explain({ authorization })).reason, 'credential_revoked');
  assert.equal((await explain({ authorization: `Bearer ${token('t2')}` })).effect, 'allow');

  const config = join(folder, 'portcullis.yaml');
  const args = [main, 'key', 'new', '--config', config, '--identity', 'partners', '--owner', 'acme', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const shared: { readonly key: string } = JSON.parse(stdout);
  const before = await redis.command('DBSIZE');
  assert.equal((await explain({ 'x-api-key': shared.key })).effect, 'allow');
  assert.equal(await redis.command('DBSIZE'), before);
});

test('a Redis that is away is told of as the gateway would tell it', async () => {
  await redis.kill();
  const authorization = `Bearer ${token('t3')}`;
  assert.equal((await explain({ authorization })).reason, 'revocations_unavailable');
  // Where nobody can revoke anything, nobody waits to hear of it.
  const config = join(folder, 'portcullis.yaml');
  await writeFile(config, (await readFile(config, 'utf8')).replace('revocation: { keep: 1d }\n', ''));
  assert.equal((await explain({ authorization })).effect, 'allow');
});
