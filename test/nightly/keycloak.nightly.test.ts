// Every way in that has to do with a provider, against Keycloak and through the real Envoy.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '../../src/envoy/condition.ts';
import { aPerson, ask, isBack, type LoginStage, logIn, loginJourneys } from '../support/login-journeys.ts';
import { athOf, makeProof } from '../support/proofs.ts';
import { claimsOf, revocationJourneys } from '../support/revocation-journeys.ts';
import { type AdminPlace, revoke } from '../support/revoke.ts';
import { makeKey } from '../support/tokens.ts';
import { openShop, type Shop } from './shop.ts';
import { asked } from './shop-policy.ts';
import { realm, secret } from './shop-realm.ts';
import { enterPassword, shopStage } from './shop-stage.ts';

let shop: Shop;
let stage: LoginStage;
before(async () => {
  shop = await openShop();
  stage = shopStage(shop);
});
after(() => shop?.close());

const send: Shop['gateway']['send'] = (request) => shop.gateway.send(request);
const tokenOf = (username: string, client = 'app', shown: Parameters<Shop['keycloak']['passwordToken']>[2] = {}) =>
  shop.keycloak.passwordToken(realm, { client_id: client, client_secret: secret, username, password: secret }, shown);
const bearer = async (username: string) => ({ authorization: `Bearer ${await tokenOf(username)}` });

test('JWT by discovery: who may read reads, who may not write does not, and a forged token is nobody’s', async () => {
  assert.equal((await send({ path: '/orders', headers: await bearer('bob') })).status, 200);
  const order = { method: 'POST', path: '/orders', body: '{"item": "sofa", "quantity": 1}' };
  const json = { 'content-type': 'application/json' };
  assert.equal((await send({ ...order, headers: { ...json, ...(await bearer('bob')) } })).status, 403);
  assert.equal((await send({ ...order, headers: { ...json, ...(await bearer('alice')) } })).status, 201);
  const { authorization } = await bearer('bob');
  const [head, , signature] = authorization.split('.');
  const forged = `${head}.${Buffer.from('{"sub":"alice"}').toString('base64url')}.${signature}`;
  assert.equal((await send({ path: '/orders', headers: { authorization: forged } })).status, 401);
});

for (const how of ['by-secret', 'by-key', 'by-certificate'] as const) {
  test(`introspection, asked ${how}: a token passes until its session at the provider ends`, async () => {
    const [path, headers] = [asked[how], await bearer('bob')];
    const first = await send({ path, headers });
    assert.equal(first.status, 200, first.body);
    await shop.keycloak.admin('POST', `/${realm}/users/bob/logout`);
    assert.equal((await send({ path, headers })).status, 401);
    assert.equal((await send({ path, headers: { authorization: 'Bearer made-up' } })).status, 401);
  });
}

test('introspection, where answers must be signed: Keycloak cannot (RFC 9701), and nobody is let in', async () => {
  const answer = await send({ path: asked.signed, headers: await bearer('bob') });
  assert.equal(answer.status, 503, answer.body);
  const reasons = async () => (await shop.gateway.audit()).map(({ unmapped }) => unmapped.portcullis['reason']);
  await waitFor({ what: 'audit has it', holds: async () => (await reasons()).includes('introspection_unavailable') });
});

test('DPoP: a bound token passes with a fresh proof for the request, and with nothing else', async () => {
  const key = makeKey('ES256');
  const now = () => Math.floor(Date.now() / 1000);
  const proof = makeProof(key, {
    claims: { htm: 'POST', htu: `${shop.issuer}/protocol/openid-connect/token`, iat: now() },
  });
  const token = await tokenOf('bob', 'sender', { headers: { dpop: proof } });
  const prove = () =>
    makeProof(key, { claims: { htm: 'PUT', htu: `${shop.gateway.url}/echo`, iat: now(), ath: athOf(token) } });
  const request = { method: 'PUT', path: '/echo' };
  const headers = { authorization: `DPoP ${token}`, dpop: prove() };
  assert.equal((await send({ ...request, headers })).status, 200);
  assert.equal((await send({ ...request, headers })).status, 401, 'the same proof again');
  const stolen = { authorization: `DPoP ${token}` };
  assert.equal((await send({ ...request, headers: stolen })).status, 401, 'without a proof');
  const asBearer = { authorization: `Bearer ${token}`, dpop: prove() };
  assert.equal((await send({ ...request, headers: asBearer })).status, 401, 'as a bearer token');
  assert.equal((await send({ ...request, headers: await bearer('bob') })).status, 401, 'not bound');
});

test('certificates: a bound token passes over a connection with the certificate that it was issued to, and no other', async () => {
  const [own, other] = [await shop.clients.issue(), await shop.clients.issue()];
  const headers = { authorization: `Bearer ${await tokenOf('bob', 'holder', { client: own })}` };
  const request = { method: 'PATCH', path: '/echo' };
  const good = await shop.withCertificates.send({ ...request, headers, client: own });
  assert.equal(good.status, 200, good.body);
  assert.equal((await shop.withCertificates.send({ ...request, headers, client: other })).status, 401, 'of another');
  assert.equal((await shop.withCertificates.send({ ...request, headers })).status, 401, 'without a certificate');
  const free = await bearer('bob');
  assert.equal((await shop.withCertificates.send({ ...request, headers: free, client: own })).status, 401, 'not bound');
  assert.equal((await send({ path: '/orders', headers })).status, 401, 'where no rule demands it');
});

for (const [name, walk] of Object.entries(loginJourneys)) test(`login: ${name}`, (context) => walk(stage, context));

test('login: a page that demands a recent login sends people to log in again', async (context) => {
  const page = await logIn(stage, await aPerson(stage, context), 'bob', '/healthz');
  assert.equal((await ask(page, '/healthz')).status, 200);
  // 30 seconds more are granted for clocks that differ.
  const holds = async (): Promise<boolean> => (await ask(page, '/healthz')).status === 401;
  await waitFor({ what: 'it was long ago', holds, boundMs: 60_000 });
  assert.match((await ask(page, '/healthz')).challenge ?? '', /insufficient_user_authentication.*max_age="1"/);
  await page.reload();
  assert.ok(stage.isAtLogin(page), page.url());
  await enterPassword(page);
  await isBack(shop.gateway, page);
  assert.equal((await ask(page, '/healthz')).status, 200);
});

const place = (): AdminPlace => ({
  admin: `127.0.0.1:${shop.gateway.ports.admin}`,
  tokenFile: shop.adminTokenFile,
});

for (const [name, walk] of Object.entries(revocationJourneys)) {
  test(`revoked: ${name}`, (context) =>
    walk({ login: stage, place: place(), token: (account) => tokenOf(account) }, context));
}

test('revoked: a session of Keycloak with its tokens', async () => {
  const [bad, good] = [await bearer('bob'), await bearer('bob')];
  for (const headers of [bad, good]) assert.equal((await send({ path: '/orders', headers })).status, 200);
  const { sid } = claimsOf(bad.authorization);
  const { code, out } = await revoke(place(), '--session', String(sid), '--identity', 'users');
  assert.equal(code, 0, out);
  assert.equal((await send({ path: '/orders', headers: bad })).status, 401);
  assert.equal((await send({ path: '/orders', headers: good })).status, 200);
});
