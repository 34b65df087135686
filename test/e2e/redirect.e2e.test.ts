import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
before(async () => {
  gateway = await startGateway();
});
after(() => gateway?.stop());

function plain(host: string, path: string, method = 'GET') {
  return new Promise<{ readonly status: number | undefined; readonly location: string | undefined }>(
    (resolve, reject) => {
      const options = { host: '127.0.0.1', port: gateway.ports.http, path, method, headers: { host }, agent: false };
      request(options, (response) => {
        response.resume();
        resolve({ status: response.statusCode, location: response.headers.location });
      })
        .on('error', reject)
        .end();
    },
  );
}

test('HTTP leads to HTTPS with path, query and method', async () => {
  for (const host of ['localhost', `localhost:${gateway.ports.http}`]) {
    const answer = await plain(host, '/orders?from=2026-01-31', 'POST');
    assert.deepEqual(answer, { status: 308, location: `${gateway.url}/orders?from=2026-01-31` });
  }
});

test('HTTP leads nowhere for hosts that are not ours', async () => {
  assert.deepEqual(await plain('evil.example', '/orders'), { status: 404, location: undefined });
});

test('nothing is served over HTTP', async () => {
  const before = gateway.api.endpoints.map((endpoint) => endpoint.served());
  await plain('localhost', '/healthz');
  await plain('localhost', '/echo');
  const served = gateway.api.endpoints.map((endpoint) => endpoint.served());
  assert.deepEqual(served, before);
});
