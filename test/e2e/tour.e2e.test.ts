import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { faultOf, takeStep, tour } from '../../src/demo/tour.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway?.stop());

for (const step of tour) {
  test(`the tour: ${step.title}`, async () => {
    const answers = await takeStep(step, gateway);
    assert.equal(faultOf(step, answers), undefined);
    for (const { status, headers, body } of answers.filter((answer) => answer.status >= 400)) {
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.equal(JSON.parse(body).status, status);
      assert.match(String(headers['x-decision-id']), /\S/);
    }
  });
}

test('what a step leaves behind is there for the next caller', async () => {
  const authorization = `Bearer ${await gateway.token('bob')}`;
  const list = await gateway.send({ path: '/orders', headers: { authorization } });
  assert.ok(JSON.parse(list.body).some(({ item }: { item: string }) => item === 'sofa'));
});

test('the upstream learns who calls from Portcullis alone', async () => {
  const authorization = `Bearer ${await gateway.token('carol')}`;
  const spoofed = { 'x-user': 'root', 'x-user-source': 'me', 'x-decision-id': '1' };
  const { status, body } = await gateway.send({ path: '/echo?a=b', headers: { authorization, ...spoofed } });
  assert.equal(status, 200);
  const { path, headers } = JSON.parse(body);
  assert.equal(path, '/echo?a=b');
  assert.deepEqual(headers['x-user'], ['carol']);
  assert.deepEqual(headers['x-user-source'], ['users']);
  assert.equal(headers['x-decision-id'].length, 1);
  assert.notEqual(headers['x-decision-id'][0], '1');
  assert.equal(headers.authorization, undefined);
});

test('roles inherit: only the admin deletes', async () => {
  const remove = async (account: 'alice' | 'carol') => {
    const headers = { authorization: `Bearer ${await gateway.token(account)}` };
    return (await gateway.send({ method: 'DELETE', path: '/orders/5', headers })).status;
  };
  assert.equal(await remove('alice'), 403);
  assert.equal(await remove('carol'), 204);
  assert.equal(await remove('carol'), 404);
});

test('a partner may read by the key, not write, and not present two credentials', async () => {
  const key = { 'x-api-key': gateway.key };
  assert.equal((await gateway.send({ path: '/orders', headers: key })).status, 200);
  const json = { ...key, 'content-type': 'application/json' };
  const order = { method: 'POST', path: '/orders', headers: json, body: '{"item": "sofa", "quantity": 1}' };
  assert.equal((await gateway.send(order)).status, 403);
  const both = { ...key, authorization: `Bearer ${await gateway.token('bob')}` };
  assert.equal((await gateway.send({ path: '/orders', headers: both })).status, 400);
});

test('health is for anyone, and what no rule names is for nobody', async () => {
  assert.equal((await gateway.send({ path: '/healthz' })).status, 200);
  const headers = { authorization: `Bearer ${await gateway.token('carol')}` };
  assert.equal((await gateway.send({ path: '/admin', headers })).status, 403);
  assert.equal((await gateway.send({ path: '/reports', headers })).status, 401);
});

test('an address is limited whatever it asks for', async () => {
  const statuses: number[] = [];
  const lane = async (): Promise<void> => {
    while (!statuses.includes(429) && statuses.length < 700) {
      statuses.push(
        (await gateway.send({ path: '/healthz', headers: { 'x-forwarded-for': `10.0.0.${statuses.length % 250}` } }))
          .status,
      );
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  const passed = statuses.filter((status) => status === 200).length;
  assert.ok(statuses.includes(429) && passed > 500 && passed < 600, `${passed} passed`);
  const { status, headers } = await gateway.send({ path: '/orders' });
  assert.equal(status, 429);
  assert.match(String(headers['retry-after']), /^[1-9]\d*$/);
});
