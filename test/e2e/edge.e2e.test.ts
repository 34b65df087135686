import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { after, before, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { waitFor } from '../../src/envoy/condition.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { getPage } from '../support/sidecar.ts';

let gateway: Gateway;
let headers: { readonly authorization: string };
before(async () => {
  gateway = await startGateway();
  headers = { authorization: `Bearer ${await gateway.token('bob')}` };
});
after(() => gateway?.stop());

function openTls(options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { ports, pki } = gateway;
    const target = { host: '127.0.0.1', servername: 'localhost', port: ports.https, ca: pki.ca };
    const socket = connect({ ...target, ...options }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** What comes back until the other side closes. */
async function readAll(socket: TLSSocket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  return text;
}

test('TLS 1.2 and 1.3 are spoken, and nothing older', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await openTls({ minVersion: version, maxVersion: version });
    assert.equal(socket.getProtocol(), version);
    socket.destroy();
  }
  // Our side would not speak it either by default.
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await assert.rejects(openTls(old), /alert protocol version/);
});

test('HTTP/2 and HTTP/1.1 are offered', async () => {
  for (const protocol of ['h2', 'http/1.1']) {
    const socket = await openTls({ ALPNProtocols: [protocol] });
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
  const socket = await openTls({ ALPNProtocols: ['h2'] });
  return () => socket;
}

test('a rotated certificate is served without a restart, and open connections stay', async () => {
  const open = await openTls();
  const serial = await gateway.pki.rotate();
  const holds = async (): Promise<boolean> => {
    const socket = await openTls();
    const served = socket.getPeerCertificate().serialNumber;
    socket.destroy();
    return served === serial;
  };
  await waitFor({ what: 'the new certificate is served', holds });
  open.write(`GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  assert.match(await readAll(open), /^HTTP\/1\.1 200 /);
});

test('a client that sends its headers too slowly is cut off, and nobody is asked', async () => {
  const before = (await gateway.audit()).length;
  const socket = await openTls();
  socket.write('GET /orders HTTP/1.1\r\nhost: localhost\r\n');
  assert.match(await readAll(socket), /^HTTP\/1\.1 408 /);
  assert.equal((await gateway.audit()).length, before);
});

const list = async (): Promise<number> => (await gateway.send({ path: '/orders', headers })).status;
const flagged = (endpoint: 0 | 1, flag: RegExp) => async (): Promise<boolean> => {
  const { body } = await getPage(`http://127.0.0.1:${gateway.ports.envoyAdmin}/clusters`);
  const { port } = gateway.api.endpoints[endpoint];
  return flag.test(new RegExp(`^sample_api::127\\.0\\.0\\.1:${port}::health_flags::(.*)$`, 'm').exec(body)?.[1] ?? '');
};

test('an endpoint whose health check fails gets nothing until it is well again', async () => {
  const [sick] = gateway.api.endpoints;
  sick.setBroken(true);
  await waitFor({ what: 'the health check has failed', holds: flagged(0, /failed_active_hc/) });
  const before = sick.served();
  for (let at = 0; at < 10; at += 1) assert.equal(await list(), 200);
  assert.equal(sick.served(), before);
  sick.setBroken(false);
  await waitFor({ what: 'the health check is well', holds: flagged(0, /^healthy$/) });
  for (let at = 0; at < 10; at += 1) assert.equal(await list(), 200);
  assert.ok(sick.served() > before);
});

test('an endpoint that fails requests is ejected before its health check tells', async () => {
  const [, sick] = gateway.api.endpoints;
  sick.setBroken(true);
  const ejected = flagged(1, /failed_(outlier_check|active_hc)/);
  // Workers hear of the ejection a moment after the flag is set.
  const inARow = async (): Promise<boolean> => {
    for (let at = 0; at < 10; at += 1) if ((await list()) !== 200) return false;
    return true;
  };
  await waitFor({ what: 'the endpoint is ejected', holds: async () => (await inARow()) && ejected() });
});

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
