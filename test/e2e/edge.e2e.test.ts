import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { openTls } from '../support/tls.ts';

let gateway: Gateway;
let headers: { readonly authorization: string };
before(async () => {
  gateway = await startGateway();
  headers = { authorization: `Bearer ${await gateway.token('bob')}` };
});
after(() => gateway?.stop());

test('TLS 1.2 and 1.3 are spoken, and nothing older', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await openTls(gateway, { minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
  // Our side would not speak it either by default.
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await assert.rejects(openTls(gateway, old), /alert protocol version/);
});

test('HTTP/2 and HTTP/1.1 are offered', async () => {
  for (const protocol of ['h2', 'http/1.1']) {
    const socket = await openTls(gateway, { ALPNProtocols: [protocol] });
    assert.equal(socket.alpnProtocol, protocol);
    socket.destroy();
  }
  const session = connectHttp2(gateway.url, { ca: gateway.pki.ca, createConnection: await overHttp2() });
  const status = await new Promise((resolve, reject) => {
    const stream = session.request({ ':path': '/orders', ...headers });
    stream.on('response', (answer) => resolve(answer[':status'])).on('error', reject);
    stream.resume().end();
  });
  session.destroy();
  assert.equal(status, 200);
});

async function overHttp2(): Promise<() => TLSSocket> {
  const socket = await openTls(gateway, { ALPNProtocols: ['h2'] });
  return () => socket;
}

test('without Portcullis nothing gets through', async () => {
  await gateway.portcullis.stop();
  const before = gateway.api.endpoints.map((endpoint) => endpoint.served());
  for (const path of ['/orders', '/healthz', '/echo']) {
    assert.equal((await gateway.send({ path, headers })).status, 503);
  }
  assert.deepEqual(
    gateway.api.endpoints.map((endpoint) => endpoint.served()),
    before,
  );
});
