import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mintApiKey } from '../../src/authn/index.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type CheckClient, connectCheck } from '../support/check-client.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { revoke as runRevoke } from '../support/revoke.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';
import { jwksOf, makeKey, signToken } from '../support/tokens.ts';

// Two replicas that share a Redis: what is revoked on one is refused by both, after a restart too.

const token = 'e2e-admin-token-0123456789-0123456789-abcdef';
const idp = makeKey('ES256');
const partner = mintApiKey({ owner: 'acme', roles: ['reader'], id: 'k1' });

const config = (url: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: { address: "127.0.0.1:0", token_file: "${join(folder, 'admin.token')}" } }
redis: { url: "${url}" }
identity:
  users:
    jwt:
      issuer: "https://idp.example"
      audience: [orders]
      algorithms: [ES256]
      jwks: { inline: ${JSON.stringify(jwksOf(idp))} }
  partners: { api_key: { keys_file: keys.yaml } }
rules:
  - { id: orders, match: { path: "/**" }, identity: [users, partners] }
revocation: { keep: 1h }
`;

interface Replica {
  readonly sidecar: SidecarProcess;
  readonly client: CheckClient;
  stop(): Promise<void>;
}

async function startReplica(): Promise<Replica> {
  const files = { 'keys.yaml': JSON.stringify({ keys: [partner.entry] }) };
  const sidecar = await startSidecarProcess({ config: config(redis.url), files });
  const client = await connectCheck(sidecar.grpc);
  const stop = async (): Promise<void> => {
    client.close();
    await sidecar.stop();
  };
  return { sidecar, client, stop };
}

let redis: RedisServer;
let folder: string;
let one: Replica;
let other: Replica;
before(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), 'portcullis-revocation-'));
  await writeFile(join(folder, 'admin.token'), token);
  [one, other] = await Promise.all([startReplica(), startReplica()]);
});
after(async () => {
  await one?.stop();
  await other?.stop();
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
const tokenOf = (claims: Readonly<Record<string, unknown>>): string =>
  signToken(idp, {
    iss: 'https://idp.example',
    aud: 'orders',
    iat: nowSeconds() - 60,
    exp: nowSeconds() + 600,
    ...claims,
  });

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
const answer = async ({ client }: Replica, headers: Readonly<Record<string, string>>): Promise<string> =>
  (await client.check({ headers })).reason;

/** Runs `portcullis revoke` against a replica. */
const revoke = ({ sidecar: { admin } }: Replica, ...args: readonly string[]) =>
  runRevoke({ admin, tokenFile: join(folder, 'admin.token') }, ...args);

const refusedBy = (replica: Replica, headers: Readonly<Record<string, string>>): Promise<void> =>
  waitFor({
    what: 'the credential is refused',
    holds: async () => (await answer(replica, headers)) === 'credential_revoked',
  });

const revoked = {
  'a token by its jti': {
    args: ['--token', 'jti-1', '--identity', 'users'],
    bad: bearer(tokenOf({ sub: 'alice', jti: 'jti-1' })),
    good: bearer(tokenOf({ sub: 'alice', jti: 'jti-2' })),
  },
  'a session with all its tokens': {
    args: ['--session', 'sid-1', '--identity', 'users'],
    bad: bearer(tokenOf({ sub: 'bob', jti: 'jti-3', sid: 'sid-1' })),
    good: bearer(tokenOf({ sub: 'bob', jti: 'jti-4', sid: 'sid-2' })),
  },
  'a subject, but for what is issued later': {
    args: ['--principal', 'users/carol', '--before', new Date(Date.now() - 30_000).toISOString()],
    bad: bearer(tokenOf({ sub: 'carol', jti: 'jti-5' })),
    good: bearer(tokenOf({ sub: 'carol', jti: 'jti-6', iat: nowSeconds() })),
  },
  'an API key': {
    args: ['--key', 'k1', '--identity', 'partners'],
    bad: { 'x-api-key': partner.key },
    good: bearer(tokenOf({ sub: 'acme', jti: 'jti-7' })),
  },
} as const;

for (const [name, { args, bad, good }] of Object.entries(revoked)) {
  test(`${name}: revoked on one replica, refused by both`, async () => {
    for (const replica of [one, other]) assert.equal(await answer(replica, bad), 'ok');
    const { code, out } = await revoke(one, ...args);
    assert.deepEqual([code, out.startsWith('revoked: ')], [0, true], out);
    assert.equal(await answer(one, bad), 'credential_revoked');
    await refusedBy(other, bad);
    for (const replica of [one, other]) assert.equal(await answer(replica, good), 'ok');
  });
}

test('what is revoked is listed, counted and written down, and the token is nowhere', async () => {
  const { admin } = other.sidecar;
  const headers = { authorization: `Bearer ${token}` };
  const { total } = JSON.parse(await (await fetch(`http://${admin}/revocations`, { headers })).text());
  assert.equal(total, 4);
  assert.equal(await other.sidecar.metric('portcullis_revocations'), 4);
  assert.equal(await other.sidecar.metric('portcullis_log_current{log="revocations"}'), 1);
  await fetch(`http://${admin}/revocations`, { headers: { authorization: 'Bearer wrong-wrong-wrong' } });
  const acts = async ({ sidecar }: Replica) =>
    (await sidecar.audit()).filter(({ message }) => message?.includes('/revocations'));
  await waitFor({ what: 'audit has the acts', holds: async () => (await acts(one)).length === 4 });
  await waitFor({ what: 'audit has the refusal', holds: async () => (await acts(other)).length === 2 });
  assert.deepEqual(
    (await acts(other)).map(({ class_uid, status_id }) => [class_uid, status_id]),
    [
      [6003, 1],
      [6003, 2],
    ],
  );
  for (const { sidecar } of [one, other]) {
    const said = (await sidecar.stdout()) + sidecar.child.output() + (await sidecar.page('/config')).body;
    assert.ok(!said.includes(token) && !said.includes('wrong-wrong'));
  }
});

test('a replica that starts later knows what was revoked before its first call', async () => {
  const late = await startReplica();
  try {
    for (const { bad, good } of Object.values(revoked)) {
      assert.equal(await answer(late, bad), 'credential_revoked');
      assert.equal(await answer(late, good), 'ok');
    }
  } finally {
    await late.stop();
  }
});

test('with Redis away: what is known holds, revoking says that it cannot, and who starts is not ready', async () => {
  const dave = bearer(tokenOf({ sub: 'dave', jti: 'jti-8' }));
  await redis.kill();
  const { code, out } = await revoke(one, '--principal', 'users/dave');
  assert.equal(code, 1, out);
  assert.match(out, /not revoked: the state store/);
  for (const replica of [one, other]) {
    for (const { bad, good } of Object.values(revoked)) {
      assert.equal(await answer(replica, bad), 'credential_revoked');
      assert.equal(await answer(replica, good), 'ok');
    }
    assert.equal(await answer(replica, dave), 'ok');
    assert.equal((await replica.sidecar.page('/readyz')).status, 200);
    await waitFor({
      what: 'the metric says that others are not heard',
      holds: async () => (await replica.sidecar.metric('portcullis_log_current{log="revocations"}')) === 0,
    });
  }

  const late = await startReplica();
  try {
    const { status, body } = await late.sidecar.page('/readyz');
    assert.deepEqual([status, JSON.parse(body).missing], [503, ['what has been revoked']]);
    assert.equal(await answer(late, dave), 'revocations_unavailable');
    await redis.revive();
    await waitFor({ what: 'it is ready', holds: async () => (await late.sidecar.page('/readyz')).status === 200 });
    assert.equal(await answer(late, dave), 'ok');
    // Replicas that heard of it before still know what an empty Redis does not.
    assert.equal(await answer(one, revoked['an API key'].bad), 'credential_revoked');
    await waitFor({
      what: 'revoking works again',
      holds: async () => (await revoke(other, '--principal', 'users/dave')).code === 0,
    });
    for (const replica of [one, late]) await refusedBy(replica, dave);
  } finally {
    await late.stop();
  }
});

test('a new admin token is taken by a reload', async () => {
  const { sidecar } = one;
  const listed = async (text: string): Promise<number> =>
    (await fetch(`http://${sidecar.admin}/revocations`, { headers: { authorization: `Bearer ${text}` } })).status;
  const next = 'another-admin-token-0123456789-0123456789';
  assert.deepEqual([await listed(token), await listed(next)], [200, 401]);
  await writeFile(join(folder, 'admin.token'), next);
  await waitFor({ what: 'the new token is taken', holds: async () => (await listed(next)) === 200 });
  assert.equal(await listed(token), 401);
});
