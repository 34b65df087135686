// Every way in that has to do with a provider, against Keycloak and through the real Envoy.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { waitFor } from '../../src/envoy/condition.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type Keycloak, passwordToken, startKeycloak } from '../support/keycloak.ts';
import { athOf, makeProof } from '../support/proofs.ts';
import { makeKey } from '../support/tokens.ts';
import { browserClient, realm, secret, shopRealm } from './shop-realm.ts';

let keycloak: Keycloak;
let gateway: Gateway;
let browser: TestBrowser;
let issuer: string;
before(async () => {
  keycloak = await startKeycloak();
  issuer = `${keycloak.base}/realms/${realm}`;
  await keycloak.admin('POST', '', shopRealm);
  gateway = await startGateway({ config: (demo) => policy(/^listen:\n(?: .*\n)+/m.exec(demo)?.[0] ?? '') });
  await keycloak.admin('POST', `/${realm}/clients`, browserClient(gateway.url));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  await keycloak?.stop();
});

const policy = (listen: string): string => `version: 1
${listen}
identity:
  users:
    jwt: { issuer: "${issuer}", audience: [orders], algorithms: [RS256], jwks: { discovery: true }, roles_claim: roles, dpop: {} }
  opaque:
    introspection:
      issuer: "${issuer}"
      client: { id: gateway, secret: ${secret} }
      audience: [orders]
      roles_claim: roles
      cache: { active: 0s }
  browser:
    oidc:
      issuer: "${issuer}"
      client: { id: browser, secret: ${secret} }
      public_url: "https://localhost:\${PORTCULLIS_DEMO_HTTPS_PORT}"
      algorithms: [RS256]
      roles_claim: roles
      session: { keys_files: ["\${PORTCULLIS_DEMO_SESSION_KEY}"] }
roles:
  reader: { permissions: ["orders:read"] }
  editor: { inherits: [reader], permissions: ["orders:write"] }
rules:
  - { id: home, match: { path: / }, allow: anonymous }
  - { id: list, match: { path: /orders, methods: [GET] }, identity: [users], require: { permission: "orders:read" } }
  - { id: create, match: { path: /orders, methods: [POST] }, identity: [users], require: { permission: "orders:write" } }
  - { id: read, match: { path: "/orders/{id}" }, identity: [opaque], require: { permission: "orders:read" } }
  - { id: bound, match: { path: /reports }, identity: [users], require: { sender_constrained: dpop } }
  - { id: account, match: { path: /account }, identity: [browser], require: { role: editor } }
audit: { sinks: [stdout] }
`;

const tokenOf = (username: string, client = 'app', headers: Readonly<Record<string, string>> = {}): Promise<string> =>
  passwordToken(issuer, { client_id: client, client_secret: secret, username, password: secret }, headers);
const bearer = async (username: string) => ({ authorization: `Bearer ${await tokenOf(username)}` });

test('JWT by discovery: who may read reads, who may not write does not, and a forged token is nobody’s', async () => {
  assert.equal((await gateway.send({ path: '/orders', headers: await bearer('bob') })).status, 200);
  const order = { method: 'POST', path: '/orders', body: '{"item": "sofa", "quantity": 1}' };
  const json = { 'content-type': 'application/json' };
  assert.equal((await gateway.send({ ...order, headers: { ...json, ...(await bearer('bob')) } })).status, 403);
  assert.equal((await gateway.send({ ...order, headers: { ...json, ...(await bearer('alice')) } })).status, 201);
  const { authorization } = await bearer('bob');
  const [head, , signature] = authorization.split('.');
  const forged = `${head}.${Buffer.from('{"sub":"alice"}').toString('base64url')}.${signature}`;
  assert.equal((await gateway.send({ path: '/orders', headers: { authorization: forged } })).status, 401);
});

test('introspection: a token passes until its session at the provider ends', async () => {
  const headers = await bearer('bob');
  assert.equal((await gateway.send({ path: '/orders/1', headers })).status, 200);
  await keycloak.admin('POST', `/${realm}/users/${await idOf('bob')}/logout`);
  assert.equal((await gateway.send({ path: '/orders/1', headers })).status, 401);
  assert.equal((await gateway.send({ path: '/orders/1', headers: { authorization: 'Bearer made-up' } })).status, 401);
});

test('DPoP: a bound token passes with a fresh proof for the request, and with nothing else', async () => {
  const key = makeKey('ES256');
  const now = () => Math.floor(Date.now() / 1000);
  const proof = makeProof(key, {
    claims: { htm: 'POST', htu: `${issuer}/protocol/openid-connect/token`, iat: now() },
  });
  const token = await tokenOf('bob', 'sender', { dpop: proof });
  const prove = () =>
    makeProof(key, { claims: { htm: 'GET', htu: `${gateway.url}/reports`, iat: now(), ath: athOf(token) } });
  const headers = { authorization: `DPoP ${token}`, dpop: prove() };
  assert.equal((await gateway.send({ path: '/reports', headers })).status, 200);
  assert.equal((await gateway.send({ path: '/reports', headers })).status, 401, 'the same proof again');
  const stolen = { authorization: `DPoP ${token}` };
  assert.equal((await gateway.send({ path: '/reports', headers: stolen })).status, 401, 'without a proof');
  const asBearer = { authorization: `Bearer ${token}` };
  assert.equal((await gateway.send({ path: '/reports', headers: asBearer })).status, 401, 'as a bearer token');
  assert.equal((await gateway.send({ path: '/reports', headers: await bearer('bob') })).status, 401, 'not bound');
});

async function idOf(username: string): Promise<string> {
  const found = await keycloak.admin('GET', `/${realm}/users?exact=true&username=${username}`);
  assert.ok(Array.isArray(found) && typeof found[0]?.id === 'string');
  return found[0].id;
}

async function logIn(person: BrowserContext, username: string): Promise<Page> {
  const page = await person.newPage();
  await page.goto(`${gateway.url}/account`);
  assert.ok(page.url().startsWith(issuer), page.url());
  await page.locator('#username').fill(username);
  await page.locator('#password').fill(secret);
  await page.locator('#kc-login').click();
  await page.waitForURL(`${gateway.url}/account`);
  return page;
}

const statusOf = (page: Page): Promise<number> => page.evaluate(async () => (await fetch('/account')).status);

test('login in the browser, and a logout that ends both sessions', async () => {
  const person = await browser.person();
  const page = await logIn(person, 'alice');
  assert.match(await page.locator('dl').innerText(), /browser/);
  assert.equal(await statusOf(page), 200);
  await page.getByRole('link', { name: 'Sign out' }).click();
  await page.waitForURL(`${gateway.url}/`);
  assert.equal(await statusOf(page), 401);
  await page.goto(`${gateway.url}/account`);
  assert.ok(await page.locator('#password').isVisible(), 'the provider asks for the password again');
  await person.close();
});

test('whoever lacks the role has logged in in vain', async () => {
  const person = await browser.person();
  assert.equal(await statusOf(await logIn(person, 'bob')), 403);
  await person.close();
});

test('back-channel logout: what the provider ends is over here at once', async () => {
  const person = await browser.person();
  const page = await logIn(person, 'alice');
  await keycloak.admin('POST', `/${realm}/users/${await idOf('alice')}/logout`);
  await waitFor({ what: 'the session is over', holds: async () => (await statusOf(page)) === 401 });
  await person.close();
});
