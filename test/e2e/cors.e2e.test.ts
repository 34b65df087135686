import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';

const ours = 'https://app.example.com';
const others = [
  'https://app.example.com.evil.example',
  'https://evil.example',
  'http://app.example.com',
  'null',
] as const;

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway?.stop());

const preflight = (origin: string) => ({
  method: 'OPTIONS',
  path: '/orders/1',
  headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
});

const corsHeaders = (headers: object): readonly string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

test('a preflight from our origin needs no credentials', async () => {
  const { status, headers } = await gateway.send(preflight(ours));
  assert.equal(status, 200);
  assert.equal(headers['access-control-allow-origin'], ours);
  assert.equal(headers['access-control-allow-credentials'], 'true');
  assert.match(String(headers['access-control-allow-methods']), /\bPUT\b/);
  assert.match(String(headers['access-control-allow-headers']), /\bauthorization\b/);
});

test('our origin may read answers, denials too', async () => {
  const authorization = `Bearer ${await gateway.token('bob')}`;
  for (const headers of [{ origin: ours }, { origin: ours, authorization }]) {
    const answer = await gateway.send({ path: '/orders', headers });
    assert.equal(answer.status, 'authorization' in headers ? 200 : 401);
    assert.equal(answer.headers['access-control-allow-origin'], ours);
    assert.equal(answer.headers['access-control-allow-credentials'], 'true');
    assert.match(String(answer.headers['access-control-expose-headers']), /\bx-decision-id\b/);
  }
});

for (const origin of others) {
  test(`the origin ${origin} gets no CORS header`, async () => {
    const authorization = `Bearer ${await gateway.token('bob')}`;
    assert.deepEqual(corsHeaders((await gateway.send(preflight(origin))).headers), []);
    const { status, headers } = await gateway.send({ path: '/orders', headers: { origin, authorization } });
    assert.equal(status, 200);
    assert.deepEqual(corsHeaders(headers), []);
  });
}
