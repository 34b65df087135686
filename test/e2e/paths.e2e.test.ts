import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
let headers: { readonly authorization: string };
before(async () => {
  gateway = await startGateway();
  headers = { authorization: `Bearer ${await gateway.token('bob')}` };
});
after(() => gateway?.stop());

const refused = [
  '//orders/1',
  '/orders//1',
  '///orders',
  '/orders%2f1',
  '/orders%2F1',
  '/orders%5c1',
  '/orders/%252f1',
  '/orders/..%2freports',
  '/orders/1;a=b',
  '/orders/%00',
  '/orders/%zz',
  '/orders/1%23x',
] as const;

for (const path of refused) {
  test(`${path} is refused`, async () => {
    assert.equal((await gateway.send({ path, headers })).status, 400);
  });
}

/** Envoy resolves dot segments before it routes: the request is what it leads to, for all who decide. */
const resolved: readonly (readonly [path: string, status: number])[] = [
  ['/orders/../orders/1', 200],
  ['/reports/%2e%2e/orders/1', 200],
  ['/./orders/1', 200],
  ['/..;/orders/1', 200],
  ['/orders/../reports', 401],
  ['/healthz/../admin', 403],
  ['/healthz/%2E%2E/orders/../admin', 403],
];

for (const [path, status] of resolved) {
  test(`${path} is judged as what it leads to`, async () => {
    assert.equal((await gateway.send({ path, headers })).status, status);
  });
}

test('headers with underscores are refused', async () => {
  const { status } = await gateway.send({ path: '/orders', headers: { ...headers, x_user: 'carol' } });
  assert.equal(status, 400);
});

test('localhost is served with and without its port, in any case; other hosts are not', async () => {
  const at = async (host: string) => (await gateway.send({ path: '/healthz', headers: { host } })).status;
  assert.equal(await at('localhost'), 200);
  assert.equal(await at(`localhost:${gateway.ports.https}`), 200);
  assert.equal(await at('LocalHost.'), 200);
  assert.equal(await at('elsewhere.example'), 404);
});

test('a body above the limit is 413, one below it is inspected', async () => {
  const authorization = `Bearer ${await gateway.token('alice')}`;
  const post = async (note: string) => {
    const body = JSON.stringify({ item: 'lamp', quantity: 1, note });
    const type = { 'content-type': 'application/json' };
    return (await gateway.send({ method: 'POST', path: '/orders', headers: { authorization, ...type }, body })).status;
  };
  assert.equal(await post('x'.repeat(70_000)), 413);
  assert.equal(await post('x'.repeat(60_000)), 422);
  assert.equal(await post('x'), 201);
});

test('a body is judged by the very bytes that would go upstream', async () => {
  const authorization = `Bearer ${await gateway.token('alice')}`;
  const ofPost = { authorization, 'content-type': 'application/json' };
  for (const item of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]]) {
    const body = Buffer.concat([Buffer.from('{"quantity":1,"item":"'), Buffer.from(item), Buffer.from('"}')]);
    const answer = await gateway.send({ method: 'POST', path: '/orders', headers: ofPost, body });
    assert.equal(answer.status, 400);
    assert.equal(JSON.parse(answer.body).problem, 'utf8');
  }
});

test('both endpoints of the API serve', async () => {
  await Promise.all(Array.from({ length: 8 }, () => gateway.send({ path: '/orders', headers })));
  for (const endpoint of gateway.api.endpoints) assert.ok(endpoint.served() > 0);
});
