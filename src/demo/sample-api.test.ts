import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type SampleApi, startSampleApi } from './sample-api.ts';

let api: SampleApi;
before(async () => {
  api = await startSampleApi([0, 0]);
});
after(() => api?.close());

async function call(method: string, path: string, body?: unknown, endpoint: 0 | 1 = 0) {
  const url = `http://127.0.0.1:${api.endpoints[endpoint].port}${path}`;
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(url, { method, ...sent });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) };
}

test('orders 1 to 5 exist at start', async () => {
  const { status, json } = await call('GET', '/orders');
  assert.equal(status, 200);
  assert.deepEqual(
    json.map(({ id }: { id: number }) => id),
    [1, 2, 3, 4, 5],
  );
  for (const { quantity, item } of json) assert.ok(Number.isInteger(quantity) && item !== '');
  assert.deepEqual((await call('GET', '/orders/1')).json, json[0]);
});

test('both endpoints share the orders', async () => {
  const created = await call('POST', '/orders', { item: 'sofa', quantity: 2, note: 'blue' }, 0);
  assert.equal(created.status, 201);
  const path = created.headers.get('location') ?? '';
  assert.deepEqual((await call('GET', path, undefined, 1)).json, { ...created.json, item: 'sofa', note: 'blue' });
  const replaced = await call('PUT', path, { item: 'sofa', quantity: 3 }, 1);
  assert.equal(replaced.status, 200);
  assert.deepEqual((await call('GET', path)).json, { id: created.json.id, item: 'sofa', quantity: 3 });
  assert.equal((await call('DELETE', path, undefined, 1)).status, 204);
  for (const method of ['GET', 'PUT', 'DELETE']) assert.equal((await call(method, path)).status, 404);
});

for (const body of ['', '{', '[]', 'null', '{"item":"x"}', '{"item":1,"quantity":1}', '{"item":"x","quantity":"1"}']) {
  test(`the body ${JSON.stringify(body)} is no order`, async () => {
    assert.equal((await call('POST', '/orders', body)).status, 400);
    assert.equal((await call('PUT', '/orders/1', body)).status, 400);
  });
}

test('what is not there is 404, and what cannot be done is 405', async () => {
  for (const path of ['/x', '/orders/0', '/orders/99', '/orders/x', '/orders/1/2', '/nothing']) {
    assert.equal((await call('GET', path)).status, 404);
  }
  const { status, headers } = await call('PATCH', '/orders/1', {});
  assert.equal(status, 405);
  assert.match(headers.get('allow') ?? '', /PUT/);
});

test('reports count the orders', async () => {
  const { json } = await call('GET', '/reports');
  assert.equal(json.orders, (await call('GET', '/orders')).json.length);
});

test('echo tells what reached it', async () => {
  const url = `http://127.0.0.1:${api.endpoints[1].port}/echo?a=1&a=2`;
  const headers = new Headers({ 'X-One': '1' });
  const told = JSON.parse(await (await fetch(url, { headers })).text());
  assert.equal(told.method, 'GET');
  assert.equal(told.path, '/echo?a=1&a=2');
  assert.deepEqual(told.headers['x-one'], ['1']);
});

test('HEAD has no body', async () => {
  const { status, headers, json } = await call('HEAD', '/healthz');
  assert.equal(status, 200);
  assert.notEqual(headers.get('content-length'), '0');
  assert.equal(json, undefined);
});

test('an endpoint counts what it serves, and can be broken and healed', async () => {
  const [, endpoint] = api.endpoints;
  const before = endpoint.served();
  await call('GET', '/healthz', undefined, 1);
  await call('GET', '/orders', undefined, 1);
  assert.equal(endpoint.served(), before + 1);
  endpoint.setBroken(true);
  assert.equal((await call('GET', '/healthz', undefined, 1)).status, 503);
  assert.equal((await call('GET', '/healthz', undefined, 0)).status, 200);
  endpoint.setBroken(false);
  assert.equal((await call('GET', '/healthz', undefined, 1)).status, 200);
});

test('a body without end is cut off', async () => {
  await assert.rejects(call('POST', '/orders', 'x'.repeat(2 * 1024 * 1024)));
});

test('a taken port stops both endpoints', async () => {
  await assert.rejects(startSampleApi([0, api.endpoints[0].port]), /EADDRINUSE/);
});

test('pages say who calls, in the words of the gateway, and load nothing', async () => {
  const base = `http://127.0.0.1:${api.endpoints[0].port}`;
  const headers = { 'x-user': '<b>alice</b>', 'x-user-source': 'browser', 'x-user-acr': 'urn:demo:two-factor' };
  const answer = await fetch(`${base}/account`, { headers });
  assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none'; style-src 'sha256-/);
  const page = await answer.text();
  assert.match(page, /<dd>&lt;b&gt;alice&lt;\/b&gt;<\/dd>.*<dd>browser<\/dd>.*<dd>two-factor<\/dd>/);
  assert.match(page, /href="\/\.portcullis\/browser\/logout"/);
  assert.match(await (await fetch(`${base}/`)).text(), /href="\/account"/);
  assert.match(await (await fetch(`${base}/account/security`, { headers })).text(), /Security/);
  assert.equal((await fetch(`${base}/account`, { method: 'POST' })).status, 404);
});
