import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { sendBytes } from '../support/raw-http.ts';
import { getPage, seriesOf } from '../support/sidecar.ts';

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway?.stop());

const served = (): number => gateway.api.endpoints.reduce((sum, endpoint) => sum + endpoint.served(), 0);
const asked = async (): Promise<number> => (await gateway.audit()).length;

test('our own pages are reached without a decision, and the upstream never hears of them', async () => {
  const before = { served: served(), asked: await asked() };
  const { status, body, headers } = await gateway.send({ path: '/.portcullis/nothing' });
  assert.deepEqual({ status, body }, { status: 404, body: 'not found\n' });
  assert.equal(headers['x-decision-id'], undefined);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['content-security-policy']?.toString().startsWith("default-src 'none'"), true);
  assert.deepEqual({ served: served(), asked: await asked() }, before);
  const { body: metrics } = await getPage(`http://127.0.0.1:${gateway.ports.admin}/metrics`);
  assert.equal(seriesOf(metrics, 'portcullis_public_requests_total{endpoint="none",status="4xx"}'), 1);
});

test('no other origin reads them, though the API lets one in', async () => {
  const origin = 'https://app.example.com';
  const { headers } = await gateway.send({ path: '/.portcullis/nothing', headers: { origin } });
  assert.equal(headers['access-control-allow-origin'], undefined);
  const preflight = { origin, 'access-control-request-method': 'POST' };
  const { status } = await gateway.send({ method: 'OPTIONS', path: '/.portcullis/nothing', headers: preflight });
  assert.equal(status, 404);
});

test('a long body ends at our pages', async () => {
  const body = 'x'.repeat(70_000);
  const { status } = await gateway.send({ method: 'POST', path: '/.portcullis/nothing', body });
  assert.equal(status, 413);
});

// What would reach the API unasked, if Envoy, Portcullis and the API did not read paths alike.
for (const [path, expected] of [
  ['/.portcullis/../orders', 401],
  ['/.portcullis/x/../../orders', 401],
  ['/.portcullis/%2e%2e/orders', 401],
  ['/.portcullis/.%2E/orders', 401],
  ['/.portcullis/..%2forders', 400],
  ['/.portcullis/..%5corders', 400],
  ['/.portcullis\\..\\orders', 401],
  ['/.portcullis/..;/orders', 401],
  ['/.portcullis//../orders', 404],
  ['/.portcullis//../../orders', 401],
  ['//.portcullis/x', 400],
  ['/x/../.portcullis/nothing', 404],
  ['/.portcullis', 403],
  ['/.PORTCULLIS/nothing', 403],
  ['/%2eportcullis/nothing', 404],
  ['/.portcullis%2fnothing', 400],
] as const) {
  test(`the path ${path} reaches nothing unasked`, async () => {
    const before = served();
    const { status } = await sendBytes(
      { port: gateway.ports.https, ca: gateway.pki.ca },
      `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    );
    assert.equal(status, expected);
    assert.equal(served(), before);
  });
}
