import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { type CheckClient, connectCheck } from '../support/check-client.ts';
import type { IngressAnswer } from '../support/ingress.ts';
import { freshToken, type KeyGateway, startKeyGateway } from '../support/key-gateway.ts';
import { type KeyServer, openKeyServer } from '../support/key-server.ts';
import { freePorts } from '../support/ports.ts';
import type { SidecarProcess } from '../support/sidecar.ts';
import { jwksOf, makeKey, type TestKey } from '../support/tokens.ts';

const issuer = 'https://idp.example';
const [port = 0] = await freePorts(1);

// Short times, so that the test meets each of them; one fetch may take longer than any call.
const config = `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
identity:
  users:
    jwt:
      issuer: "${issuer}"
      audience: [orders]
      algorithms: [ES256]
      jwks: { url: "http://127.0.0.1:${port}/jwks", refresh: 300ms, unknown_kid_cooldown: 100ms, timeout: 30s }
rules:
  - { id: health, match: { path: /healthz }, allow: anonymous }
  - { id: orders, match: { path: /orders }, identity: [users] }
`;

const first = makeKey('ES256', 'first');
const second = makeKey('ES256', 'second');
/** A token that nobody has seen yet. */
const token = (key: TestKey): string => freshToken(key, issuer);

let keyServer: KeyServer | undefined;
let gateway: KeyGateway;
let sidecar: SidecarProcess;
let client: CheckClient;
before(async () => {
  gateway = await startKeyGateway({ config });
  ({ sidecar } = gateway);
  client = await connectCheck(sidecar.grpc);
});
after(async () => {
  client?.close();
  await gateway?.stop();
  await keyServer?.close();
});

async function openWith(...keys: readonly TestKey[]): Promise<void> {
  keyServer = await openKeyServer(port);
  keyServer.answer('/jwks', { kind: 'json', value: jwksOf(...keys) });
}

const send = (key: TestKey): Promise<IngressAnswer> => gateway.send(token(key));
const health = async (): Promise<unknown> => client.official.call('grpc.health.v1.Health/Check', {}).answer;
test('away at the start: not ready, a denial of ours for whoever shows a token, and ready once it answers', async () => {
  await gateway.moreFetches('error', 1);
  const page = await sidecar.page('/readyz');
  assert.equal(page.status, 503);
  assert.deepEqual(JSON.parse(page.body).missing, ['the keys of identity users']);
  assert.equal((await sidecar.page('/healthz')).status, 200);
  assert.deepEqual(await health(), { status: 'NOT_SERVING' });

  const denied = await send(first);
  assert.equal(denied.status, 503);
  const { reason, decision_id } = JSON.parse(denied.body);
  assert.equal(reason, 'unavailable');
  assert.equal(denied.headers['x-decision-id'], decision_id);
  assert.equal(
    (await client.check({ headers: { authorization: `Bearer ${token(first)}` } })).reason,
    'key_set_unavailable',
  );
  // What needs no key is decided.
  assert.equal((await gateway.ingress.send({ path: '/healthz' })).status, 200);
  assert.equal((await gateway.ingress.send({ path: '/orders' })).status, 401);

  const watch = client.official.stream('grpc.health.v1.Health/Watch', {});
  try {
    assert.deepEqual((await watch.answers.next()).value, { status: 'NOT_SERVING' });
    await openWith(first);
    assert.deepEqual((await watch.answers.next()).value, { status: 'SERVING' });
  } finally {
    watch.cancel();
  }
  assert.equal((await sidecar.page('/readyz')).status, 200);
  assert.equal((await send(first)).status, 200);
  assert.equal(await sidecar.metric('portcullis_key_set_keys{identity="users"}'), 1);

  const event = (await sidecar.audit()).find(({ unmapped }) => unmapped.portcullis['decision_id'] === decision_id);
  assert.equal(event?.unmapped.portcullis['reason'], 'key_set_unavailable');
  assert.equal(event?.severity_id, 4);
});

test('away later: the keys that are known serve on, and new ones are found when it is back', async () => {
  await keyServer?.close();
  await gateway.moreFetches('error', 2);
  assert.equal((await send(first)).status, 200);
  assert.equal((await send(second)).status, 401);
  assert.equal((await sidecar.page('/readyz')).status, 200);
  assert.deepEqual(await health(), { status: 'SERVING' });

  await openWith(first, second);
  await waitFor({ what: 'the new key is good', holds: async () => (await send(second)).status === 200 });
  assert.equal((await send(first)).status, 200);
  keyServer?.answer('/jwks', { kind: 'json', value: jwksOf(second) });
  await waitFor({ what: 'the withdrawn key is none', holds: async () => (await send(first)).status === 401 });
  assert.equal((await send(second)).status, 200);
});

test('slow: whoever needs it is denied in time, whoever does not is served, and all is well when it answers', async () => {
  const asked = keyServer?.asked.length ?? 0;
  keyServer?.answer('/jwks', { kind: 'hang' });
  await waitFor({ what: 'a fetch hangs', holds: async () => (keyServer?.asked.length ?? 0) > asked });

  const answers = await Promise.all([first, second, first, second].map(send));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [503, 200, 503, 200],
  );
  // The same without Envoy: an answer within the caller's time, not an error of gRPC.
  const headers = { authorization: `Bearer ${token(first)}` };
  const late = await client.check({ headers, deadlineMs: 1000 });
  assert.equal(late.status, 503);
  assert.match(late.reason, /^(deadline_exceeded|key_set_unavailable)$/);

  const waiting = client.check({ headers, deadlineMs: 10_000 });
  keyServer?.answer('/jwks', { kind: 'json', value: jwksOf(first, second) });
  keyServer?.release();
  assert.equal((await waiting).status, 200);
  assert.equal((await send(first)).status, 200);
});
