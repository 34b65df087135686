import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { HttpAnswer } from '../../src/demo/http-answer.ts';
import { waitFor } from '../../src/envoy/condition.ts';
import { type BoundTokenProvider, startBoundTokenProvider } from '../support/bound-token-provider.ts';
import { type MtlsIngress, startMtlsIngress } from '../support/mtls-ingress.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type SidecarProcess, startSidecarProcess } from '../support/sidecar.ts';

// Two gateways are one to their clients: they know both by this URL.
const publicUrl = 'https://orders.example';

const config = (issuer: string, redisUrl: string): string => `
version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0" }
redis: { url: "${redisUrl}", timeout: 1s }
identity:
  users: { jwt: { ${jwt(issuer)}, dpop: { base_url: "${publicUrl}" } } }
  direct: { jwt: { ${jwt(issuer)}, dpop: {} } }
  asked: { jwt: { ${jwt(issuer)}, dpop: { base_url: "${publicUrl}", nonce: true } } }
rules:
  - { id: users, match: { path: /echo, methods: [GET] }, identity: [users] }
  - { id: direct, match: { path: /echo, methods: [POST] }, identity: [direct] }
  - { id: asked, match: { path: /echo, methods: [PUT] }, identity: [asked] }
  - { id: bound, match: { path: /echo, methods: [PATCH] }, identity: [users], require: { sender_constrained: "any" } }
  - { id: proved, match: { path: /echo, methods: [DELETE] }, identity: [users], require: { sender_constrained: "dpop" } }
`;
const jwt = (issuer: string): string =>
  `issuer: "${issuer}", audience: [orders], algorithms: [ES256], jwks: { discovery: true }`;

const { privateKey, publicKey } = await generateKeyPair('ES256');
const jwk = await exportJWK(publicKey);
const prove = (htm: string, htu: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  new SignJWT({ htm, htu, jti: randomUUID(), ...more })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    .setIssuedAt()
    .sign(privateKey);

let redis: RedisServer;
let provider: BoundTokenProvider;
let gateways: readonly Gateway[] = [];
let token: string;
before(async () => {
  [redis, provider] = await Promise.all([startRedis(), startBoundTokenProvider()]);
  gateways = [await startOne(), await startOne()];
  token = await provider.token(await prove('POST', `${provider.issuer}/token`));
});
after(async () => {
  for (const { ingress, sidecar } of gateways) {
    await ingress.stop();
    await sidecar.stop();
  }
  await provider?.close();
  await redis?.stop();
});

interface Gateway {
  readonly ingress: MtlsIngress;
  readonly sidecar: SidecarProcess;
}

async function startOne(): Promise<Gateway> {
  const sidecar = await startSidecarProcess({ config: config(provider.issuer, redis.url) });
  try {
    const optional = (text: string): string =>
      text.replace('require_client_certificate: true', 'require_client_certificate: false');
    const ingress = await startMtlsIngress(sidecar.grpc, optional);
    await waitFor({ what: 'the key set is there', holds: async () => (await sidecar.page('/readyz')).status === 200 });
    return { ingress, sidecar };
  } catch (error) {
    await sidecar.stop();
    throw error;
  }
}

const gateway = (at: 0 | 1): Gateway => gateways[at] ?? assert.fail('it did not start');
const ath = (of: string): string => createHash('sha256').update(of).digest('base64url');
const proofFor = (method: string, more = {}): Promise<string> =>
  prove(method, `${publicUrl}/echo`, { ath: ath(token), ...more });
const send = (at: 0 | 1, method: string, proof: string | readonly string[], scheme = 'DPoP'): Promise<HttpAnswer> =>
  gateway(at).ingress.send({
    method,
    path: '/echo?page=1',
    headers: { authorization: `${scheme} ${token}`, dpop: proof },
  });

async function reasonOf({ headers }: HttpAnswer, at: 0 | 1 = 0): Promise<unknown> {
  const id = headers['x-decision-id'];
  let reason: unknown;
  const holds = async (): Promise<boolean> => {
    const lines = await gateway(at).sidecar.audit();
    reason = lines.find(({ unmapped }) => unmapped.portcullis['decision_id'] === id)?.unmapped.portcullis['reason'];
    return reason !== undefined;
  };
  await waitFor({ what: 'the decision is in the audit', holds });
  return reason;
}

test('a token that the provider bound to a key passes with a proof, and neither goes further', async () => {
  const answer = await send(0, 'GET', await proofFor('GET'));
  assert.equal(answer.status, 200, answer.body);
  const { headers } = JSON.parse(answer.body);
  assert.deepEqual(headers['x-user'], ['app']);
  assert.deepEqual([headers.authorization, headers.dpop], [undefined, undefined]);
});

test('a proof that one gateway took is refused by the other', async () => {
  const proof = await proofFor('GET');
  assert.equal((await send(0, 'GET', proof)).status, 200);
  for (const at of [1, 0] as const) {
    const answer = await send(at, 'GET', proof);
    assert.equal(answer.status, 401);
    assert.match(String(answer.headers['www-authenticate']), /^DPoP .*algs=".*ES256.*", error="invalid_dpop_proof"$/);
    assert.equal(await reasonOf(answer, at), 'proof_replayed');
  }
});

test('without a sound proof the token is of no use', async () => {
  for (const [answer, reason] of [
    [await send(0, 'GET', await proofFor('GET'), 'Bearer'), 'proof_missing'],
    [await send(0, 'GET', await proofFor('POST')), 'proof_mismatch'],
    [await send(0, 'GET', [await proofFor('GET'), await proofFor('GET')]), 'proof_malformed'],
    [await send(0, 'GET', await proofFor('GET', { ath: ath('another') })), 'proof_mismatch'],
    [await send(0, 'GET', 'junk'), 'proof_malformed'],
  ] as const) {
    assert.deepEqual([answer.status, await reasonOf(answer)], [401, reason]);
  }
});

test('where nothing else is said the proof is for what Envoy sees', async () => {
  const { url } = gateway(0).ingress;
  const own = await prove('POST', `${url}/echo`, { ath: ath(token) });
  assert.equal((await send(0, 'POST', own)).status, 200);
  const other = await prove('POST', `${url.replace(/:\d+$/, '')}/echo`, { ath: ath(token) });
  assert.equal((await send(0, 'POST', other)).status, 401);
});

test('a nonce of one gateway is good at the other', async () => {
  const asked = await send(0, 'PUT', await proofFor('PUT'));
  assert.equal(asked.status, 401);
  assert.match(String(asked.headers['www-authenticate']), /error="use_dpop_nonce"/);
  const nonce = asked.headers['dpop-nonce'];
  assert.equal(typeof nonce, 'string');
  assert.equal((await send(1, 'PUT', await proofFor('PUT', { nonce }))).status, 200);
});

test('a token that is bound to a certificate passes with that certificate alone', async () => {
  const { ingress } = gateway(0);
  const [own, other] = [await ingress.clients.issue(), await ingress.clients.issue()];
  const bound = await provider.certificateToken(own);
  const headers = { authorization: `Bearer ${bound}` };
  for (const method of ['GET', 'PATCH']) {
    assert.equal((await ingress.send({ method, path: '/echo', headers, client: own })).status, 200);
  }
  for (const sent of [{ client: other }, {}]) {
    const answer = await ingress.send({ path: '/echo', headers, ...sent });
    assert.deepEqual([answer.status, await reasonOf(answer)], [401, 'certificate_mismatch']);
  }
  const wrong = await ingress.send({ method: 'DELETE', path: '/echo', headers, client: own });
  assert.deepEqual([wrong.status, await reasonOf(wrong)], [401, 'sender_unconstrained']);
});

test('a rule may demand that the token is bound', async () => {
  const free = await provider.token(undefined);
  const headers = { authorization: `Bearer ${free}` };
  const { ingress } = gateway(0);
  assert.equal((await ingress.send({ path: '/echo', headers })).status, 200);
  const answer = await ingress.send({ method: 'PATCH', path: '/echo', headers });
  assert.deepEqual([answer.status, await reasonOf(answer)], [401, 'sender_unconstrained']);
  assert.match(
    String(answer.headers['www-authenticate']),
    /^DPoP error="invalid_token".*, Bearer error="invalid_token"/,
  );
  for (const method of ['PATCH', 'DELETE']) assert.equal((await send(0, method, await proofFor(method))).status, 200);
});

test('while Redis is away no proof is taken, and all is well again when it is back', async () => {
  await redis.kill();
  const answer = await send(0, 'GET', await proofFor('GET'));
  assert.deepEqual([answer.status, await reasonOf(answer)], [503, 'replay_store_unavailable']);
  await redis.revive();
  const holds = async (): Promise<boolean> => (await send(0, 'GET', await proofFor('GET'))).status === 200;
  await waitFor({ what: 'proofs are taken again', holds });
});
