import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { startIngress } from '../support/ingress.ts';
import { sendBytes } from '../support/raw-http.ts';
import { getPage, seriesOf, startSidecarProcess } from '../support/sidecar.ts';
import { openTls } from '../support/tls.ts';

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

test('bodies that never come wait in Envoy, and keep nobody from the pages', async (context) => {
  const socket = await openTls(gateway, { ALPNProtocols: ['h2'] });
  const session = connectHttp2(gateway.url, { createConnection: () => socket });
  context.after(() => session.destroy());
  const ask = (method: string, page: string) => {
    const stream = session.request(
      { ':method': method, ':path': `/.portcullis/${page}` },
      { endStream: method === 'GET' },
    );
    stream.on('error', () => {});
    const status = new Promise<number>((resolve) => stream.once('response', (head) => resolve(head[':status'] ?? 0)));
    return { stream, status };
  };
  const answered: number[] = [];
  const idle = ['browser/backchannel-logout', 'browser/logout', 'nothing'].flatMap((page) =>
    Array.from({ length: 30 }, () => ask('POST', page)),
  );
  for (const { stream, status } of idle) {
    stream.write('a');
    void status.then((one) => answered.push(one));
  }
  // On the same connection, so that Envoy has had all of them before; then on another.
  assert.equal(await ask('GET', 'nothing').status, 404);
  assert.equal((await gateway.send({ path: '/.portcullis/browser/callback' })).status, 400);
  assert.deepEqual(answered, []);
  for (const { stream } of idle) stream.end();
  const statuses = await Promise.all(idle.map(({ status }) => status));
  assert.deepEqual(new Set(statuses.slice(-30)), new Set([404]));
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

test('the least bootstrap for logins leads to the pages, and to nothing else unasked', async (context) => {
  const sidecar = await startSidecarProcess({
    config: `version: 1
listen: { grpc: "127.0.0.1:0", admin: "127.0.0.1:0", public: "127.0.0.1:0" }
signing: { issuer: "https://gateway.example", key_files: [key.pem] }
rules: [{ id: health, match: { path: /healthz }, allow: anonymous }]
`,
    files: { 'key.pem': generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() },
  });
  context.after(() => sidecar.stop());
  const port = sidecar.public.split(':')[1] ?? '';
  const edit = (text: string): string => text.replace('port_value: 9193', `port_value: ${port}`);
  const ingress = await startIngress({ bootstrap: 'login.yaml', grpc: sidecar.grpc, edit });
  context.after(() => ingress.stop());
  const keys = await ingress.send({ path: '/.portcullis/jwks.json' });
  assert.equal(keys.status, 200);
  assert.equal(JSON.parse(keys.body).keys.length, 1);
  assert.equal((await ingress.send({ path: '/.portcullis/other' })).status, 404);
  // Whoever says that a body comes is not waited for where none is wanted.
  const idle = connect(ingress.port, '127.0.0.1');
  context.after(() => idle.destroy());
  idle.write('POST /.portcullis/jwks.json HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\na');
  const [refusal] = await once(idle.setEncoding('utf8'), 'data');
  assert.match(String(refusal), /^HTTP\/1\.1 405 /);
  assert.equal((await ingress.send({ path: '/healthz' })).status, 200);
  assert.equal((await ingress.send({ path: '/.portcullis/../orders' })).status, 403);
  assert.equal(await sidecar.metric('portcullis_public_requests_total{endpoint="jwks.json",status="2xx"}'), 1);
});
